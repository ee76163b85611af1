"""S10: the server wants a certificate of the client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.web_words import certificate_words, text_of
from homeport.see.diagnose.words import quoted
from homeport.wire.exchange import Ended

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case, Talk


def _judge(case: Case) -> Verdict | None:
    talk = case.talk
    if talk is None or not case.service.over_tls or talk.heard.verify_code is not None:
        return None
    told = _told(talk)
    if not told:
        return None
    asks = talk.flight is not None and talk.flight.client_certificate
    if asks:
        told.append("in the handshake the server asks for a certificate of the client")
    sure = asks or "REQUIRED" in (talk.heard.why or "").upper() or talk.response is not None
    return Verdict(
        (*told, *certificate_words(talk)),
        f"curl --cert client.pem --key client.key {case.service.asked} (the client needs one that "
        "the server's authority has issued); or let the server not ask: nginx ssl_verify_client "
        "off",
        Sureness.SURE if sure else Sureness.LIKELY,
    )


def _told(talk: Talk) -> list[str]:
    if talk.response is not None:
        said = text_of(talk.response).lower()
        wanted = talk.response.status in (400, 403, 495, 496) and "certificate" in said
        return [f"the answer is {talk.response.line}: {quoted(said)}"] if wanted else []
    why = (talk.heard.why or "").upper()
    if "CERTIFICATE_REQUIRED" in why:
        return [f"the handshake ends well, and then the server says {talk.heard.why} (TLS 1.3)"]
    asks = talk.flight is not None and talk.flight.client_certificate
    ended = talk.heard.ended in (Ended.UNSECURED, Ended.RESET, Ended.CLOSED)
    return (
        [f"the server ends the session: {talk.heard.why or talk.heard.ended}"]
        if asks and ended
        else []
    )


RULE = Rule(
    id="S10",
    title="the server wants a certificate of the client",
    layer=Layer.TLS,
    symptom="certificate required, handshake failure, or 400 “No required SSL certificate was "
    "sent”",
    looks_for="an alert of the server (116, or 40, 42 after it asked for one), or its words in "
    "the answer",
    fix="give the client its certificate and key",
    judge=_judge,
)
