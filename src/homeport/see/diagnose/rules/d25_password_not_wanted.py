"""D25: the URL has a password, and Redis has none to compare it with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.refusals import refusal, told_refusal
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    found = refusal(case, "redis", "ERR")
    if found is None or not found.says("without any password configured", "no password is set"):
        return None
    return Verdict(
        told_refusal(case, "most clients give up then"),
        f"leave the password out: redis://{case.service.place}; or set it in the server: "
        "requirepass PASSWORD in redis.conf",
    )


RULE = Rule(
    id="D25",
    title="the client gives a password, and Redis has none set",
    layer=Layer.APPLICATION,
    symptom="ERR AUTH <password> called without any password configured for the default user",
    looks_for="that answer to AUTH",
    fix="leave the password out of the URL, or set it in the server",
    judge=_judge,
)
