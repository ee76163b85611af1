"""SX: the TLS handshake fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.web_words import certificate_words, handshake, refusal_words
from homeport.wire.tls_handshake import ALERTS

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case, Talk


def _judge(case: Case) -> Verdict | None:
    talk = handshake(case)
    if talk is None or talk.plain is not None:
        return None
    more = [f"its first answer to TLS 1.2: {_alert(talk)}"] if _alert(talk) else []
    if talk.secured is not None and talk.secured.tls is not None:
        more.append(f"a client that trusts everybody gets a session: {talk.secured.tls.version}")
    return Verdict(
        (refusal_words(talk), *more, *certificate_words(talk)),
        f"openssl s_client -connect {case.service.place} -servername {case.service.host} says "
        "more; "
        "and so does the log of the server",
        Sureness.SURE if talk.heard.verify_code is not None else Sureness.LIKELY,
    )


def _alert(talk: Talk) -> str | None:
    number = None if talk.flight is None else talk.flight.alert
    return None if number is None else f"alert {number} ({ALERTS.get(number, 'unnamed')})"


RULE = Rule(
    id="SX",
    title="the TLS handshake fails",
    layer=Layer.TLS,
    symptom="an SSL error that says little",
    looks_for="no TLS session comes about, for whatever reason",
    fix="read what both sides say: openssl s_client, and the log of the server",
    judge=_judge,
    general=True,
)
