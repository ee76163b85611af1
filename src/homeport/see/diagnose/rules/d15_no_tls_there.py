"""D15: the client begins with TLS, and the port speaks the right protocol without."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.refusals import spoken, told_connection
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case

_PLAIN = {"rediss": "redis", "amqps": "amqp", "mqtts": "mqtt"}


def _judge(case: Case) -> Verdict | None:
    talk = case.talk
    identity = None if talk is None else talk.identity
    if talk is None or identity is None or identity.tls is not None or case.service.is_http:
        return None
    if talk.healthy or talk.heard.tls is not None or identity.protocol != spoken(case):
        return None
    plain = _PLAIN.get(case.service.scheme or "")
    if plain is None and not case.service.option("tls") and not case.service.option("ssl"):
        return None
    fix = f"{plain}:// instead of {case.service.scheme}://" if plain else "tls=false in the URL"
    return Verdict(
        (
            *told_connection(case),
            f"the TLS handshake fails: {talk.heard.why or talk.heard.ended}",
            *(f"without TLS, {each}" for each in identity.evidence[:1]),
        ),
        f"{fix}; or let the server have a port with TLS",
    )


RULE = Rule(
    id="D15",
    title="the client begins with TLS, and the port speaks without",
    layer=Layer.TLS,
    symptom="wrong version number; a timeout of the handshake",
    looks_for="a handshake that fails, and the protocol of the URL in the clear",
    fix="take the URL without TLS, or the server's port with it",
    judge=_judge,
)
