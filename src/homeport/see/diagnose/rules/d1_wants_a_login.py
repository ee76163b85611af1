"""D1: the server wants to know who is there, and the URL says nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.see.diagnose.refusals import refusal, spoken, told_connection, told_refusal
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case

_CODES = {
    "redis": ("NOAUTH",),
    "mongodb": ("13",),
    "memcached": ("CLIENT_ERROR",),
    "nats": ("Authorization Violation",),
    "mqtt": ("4", "5", "134", "135"),
}
_WHERE = {
    "redis": "redis://:PASSWORD@{place}; it is `requirepass` or the ACL in the server's redis.conf",
    "postgresql": "postgresql://USER:PASSWORD@{place}/DATABASE",
    "mongodb": "mongodb://USER:PASSWORD@{place}/DATABASE?authSource=admin",
    "memcached": "give the client a user and password of the file that memcached -Y names",
    "nats": "nats://USER:PASSWORD@{place}, or nats://TOKEN@{place}",
    "mqtt": "mqtt://USER:PASSWORD@{place}; or allow_anonymous true in mosquitto.conf",
}
_ELSEWHERE = ("PGPASSWORD", "PGPASSFILE", "PGSERVICE")


def _judge(case: Case) -> Verdict | None:
    protocol = spoken(case) or ""
    if case.service.password or (protocol == "nats" and case.service.user):
        return None
    fix = f"put it into the URL: {_WHERE.get(protocol, '').format(place=case.service.place)}"
    if case.talk is not None and case.talk.fact("wants"):
        return _of_postgresql(case, fix)
    codes = _CODES.get(protocol)
    if codes is None or refusal(case, protocol, *codes) is None:
        return None
    return Verdict(told_refusal(case, "the URL has no password"), fix)


def _of_postgresql(case: Case, fix: str) -> Verdict:
    told = (*told_connection(case), "the server asks for a password, and the URL has none")
    found = [name for name in _ELSEWHERE if name in case.client.environment]
    if not found:
        return Verdict(told, fix)
    elsewhere = f"the client may take one from {found[0]}, which homeport does not use"
    return Verdict((*told, elsewhere), fix, Sureness.LIKELY, tell_apart="try it with psql")


RULE = Rule(
    id="D1",
    title="the server wants a password, and the client gives none",
    layer=Layer.APPLICATION,
    symptom="NOAUTH Authentication required; no password supplied; requires authentication",
    looks_for="the server's own refusal of a command, or its question, and no password in the URL",
    fix="put user and password into the URL",
    judge=_judge,
)
