"""D12: the server takes no client without TLS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.refusals import refusal, spoken, told_connection, told_refusal
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case

_HOW = {
    "redis": "rediss:// instead of redis://",
    "amqp": "amqps:// instead of amqp://",
    "mqtt": "mqtts:// instead of mqtt://",
    "mongodb": "add ?tls=true to the URL (&tlsCAFile=... for an authority of your own)",
    "nats": "tls:// instead of nats://",
    "mysql": "add ?ssl-mode=REQUIRED to the URL",
}


def _judge(case: Case) -> Verdict | None:
    protocol = spoken(case) or ""
    fix = _HOW.get(protocol, "let the client use TLS")
    if refusal(case, "mysql", "3159") or _nats_wants(case):
        return Verdict(told_refusal(case), fix)
    if case.talk is not None and case.talk.fact("with tls") == "True":
        more = "over TLS the same user and password are accepted: the account has REQUIRE SSL"
        return Verdict(told_refusal(case, more), fix)
    identity = None if case.talk is None else case.talk.identity
    if identity is None or identity.tls is None or case.service.over_tls or case.service.is_http:
        return None
    if identity.protocol not in {protocol, "tls"} or case.talk is None or case.talk.healthy:
        return None
    return Verdict(
        (
            *told_connection(case),
            f"said in the clear, {protocol} is not understood there",
            f"the same port answers a TLS handshake ({identity.tls.version})",
            *identity.evidence[:1],
        ),
        fix,
    )


def _nats_wants(case: Case) -> bool:
    found = refusal(case, "nats")
    return found is not None and found.says("secure connection", "tls required")


RULE = Rule(
    id="D12",
    title="the server takes no client without TLS",
    layer=Layer.TLS,
    symptom="the server hangs up at once; Connections using insecure transport are prohibited",
    looks_for="a port that answers a TLS handshake, and not the protocol in the clear",
    fix="let the client use TLS",
    judge=_judge,
)
