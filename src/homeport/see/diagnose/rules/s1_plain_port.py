"""S1: https is spoken to a port that speaks plain HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.web_words import handshake, plain_url, refusal_words

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    talk = handshake(case)
    if talk is None or talk.plain is None:
        return None
    return Verdict(
        (
            refusal_words(talk),
            f"asked in plain HTTP, the same port answers {talk.plain.line}",
        ),
        f"in the client, write {plain_url(case)}; or let the server, or a proxy before it, speak "
        "TLS",
    )


RULE = Rule(
    id="S1",
    title="https is spoken to a port that speaks plain HTTP",
    layer=Layer.TLS,
    symptom="WRONG_VERSION_NUMBER, ERR_SSL_PROTOCOL_ERROR, packet length too long",
    looks_for="the handshake fails, and the same port answers a plain HTTP request",
    fix="write http:// in the client, or let the server, or a proxy before it, speak TLS",
    judge=_judge,
)
