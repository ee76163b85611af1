"""D20: Redis has no password, and therefore serves loopback only (protected mode)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.refusals import refusal, told_refusal
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    if refusal(case, "redis", "DENIED") is None:
        return None
    reached = case.connected.address if case.connected else case.service.host
    return Verdict(
        told_refusal(case, f"the client came over {reached}, which is no loopback address"),
        f"connect to 127.0.0.1:{case.port}; or give it a password: redis-cli CONFIG SET "
        "requirepass PASSWORD (from inside the container, or on its machine)",
    )


RULE = Rule(
    id="D20",
    title="Redis serves only loopback: it is in protected mode",
    layer=Layer.APPLICATION,
    symptom="DENIED Redis is running in protected mode",
    looks_for="that answer, on a connection that is not of loopback",
    fix="connect over loopback, or set a password",
    judge=_judge,
)
