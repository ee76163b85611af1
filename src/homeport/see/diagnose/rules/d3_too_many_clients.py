"""D3: a cache takes no more clients: Redis at maxclients, memcached at its limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.refusals import refusal, told_clients, told_refusal
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    redis = refusal(case, "redis")
    if redis is not None and redis.says("max number of clients"):
        return Verdict(
            told_refusal(case, *told_clients(case)),
            "close what leaks connections, or pool them; or raise the limit: "
            "redis-cli CONFIG SET maxclients 10000",
        )
    memcached = refusal(case, "memcached")
    if memcached is not None and memcached.says("too many open connections"):
        return Verdict(
            told_refusal(case, *told_clients(case)),
            "close what leaks connections, or pool them; or start memcached with a larger -c",
        )
    return None


RULE = Rule(
    id="D3",
    title="the server has as many clients as it takes",
    layer=Layer.APPLICATION,
    symptom="ERR max number of clients reached; ERROR Too many open connections",
    looks_for="the server's own refusal, and who holds the connections",
    fix="close or pool connections, or raise the limit",
    judge=_judge,
)
