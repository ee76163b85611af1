"""D0: no fault, but worth knowing: what a database tells of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    if case.talk is None or not case.talk.healthy:
        return None
    told = tuple(text for name, text in case.talk.facts if name == "note")
    return Verdict(told, "", note=True) if told else None


RULE = Rule(
    id="D0",
    title="the database tells something worth knowing",
    layer=Layer.APPLICATION,
    symptom="none: the service answers",
    looks_for="a standby, a save that failed, a login that was not tried",
    fix="nothing needs to be done",
    judge=_judge,
)
