"""DX: the last resort for a server that understood the client and said no: its words are quoted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.see.diagnose.refusals import asked_as, spoken, told_refusal
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    talk = case.talk
    if talk is None or talk.healthy or talk.error is None:
        return None
    code, _ = talk.error
    return Verdict(
        told_refusal(case, f"the client came as {asked_as(case)}"),
        f"look the code up in the documentation of {spoken(case) or 'the server'}: {code}; the "
        "server's log has more",
        Sureness.LIKELY,
        tell_apart="read the server's log of this moment",
    )


RULE = Rule(
    id="DX",
    title="the server refused, in its own words",
    layer=Layer.APPLICATION,
    symptom="an error of the server's own",
    looks_for="an error in the server's protocol that no other rule knows",
    fix="read what it says, and its log",
    judge=_judge,
    general=True,
)
