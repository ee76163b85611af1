"""D9: Redis has no database of that number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.refusals import refusal, told_refusal
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    found = refusal(case, "redis", "ERR")
    if found is None or not found.says("DB index", "SELECT is not allowed in cluster"):
        return None
    asked = case.service.database or case.service.option("db")
    return Verdict(
        told_refusal(case, f"the URL asks for database {asked}"),
        "take one that is there, mostly 0 to 15 (a cluster has 0 only); or raise `databases` in "
        "redis.conf and start it anew",
    )


RULE = Rule(
    id="D9",
    title="Redis has no database of this number",
    layer=Layer.APPLICATION,
    symptom="ERR DB index is out of range",
    looks_for="that answer to SELECT",
    fix="take a number below `databases` of redis.conf",
    judge=_judge,
)
