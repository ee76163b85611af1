"""D4: Redis has used up its maxmemory and may evict nothing: every write is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.refusals import told_connection
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    full = None if case.talk is None else case.talk.fact("memory full")
    if full is None:
        return None
    return Verdict(
        (*told_connection(case), f"INFO memory says: {full}", "it refuses writes with OOM then"),
        "redis-cli CONFIG SET maxmemory 1gb; or let it evict: redis-cli CONFIG SET "
        "maxmemory-policy allkeys-lru",
    )


RULE = Rule(
    id="D4",
    title="Redis refuses writes: its memory is used up",
    layer=Layer.APPLICATION,
    symptom="OOM command not allowed when used memory > 'maxmemory'",
    looks_for="used_memory above maxmemory, and the policy noeviction (INFO memory)",
    fix="raise maxmemory, or choose another maxmemory-policy",
    judge=_judge,
)
