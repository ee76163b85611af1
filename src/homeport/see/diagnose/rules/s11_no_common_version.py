"""S11: client and server have no TLS version or cipher in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.web_words import certificate_words, handshake, refusal_words

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case, Talk

# RFC 8996: what no client of today speaks; its OpenSSL may complain of a detail of them first.
_OLD = frozenset({"SSLv3", "TLSv1", "TLSv1.1"})
_REASONS = (
    "PROTOCOL_VERSION",
    "UNSUPPORTED_PROTOCOL",
    "HANDSHAKE_FAILURE",
    "NO_SHARED_CIPHER",
    "INSUFFICIENT_SECURITY",
    "KEY_TOO_SMALL",
    "NO_CIPHERS",
    "NO_PROTOCOLS",
    "WRONG_SIGNATURE_TYPE",
    "NO_SUITABLE_SIGNATURE_ALGORITHM",
    "NO_APPLICATION_PROTOCOL",
    "UNSAFE_LEGACY_RENEGOTIATION",
    "WRONG_SSL_VERSION",
)


def _judge(case: Case) -> Verdict | None:
    talk = handshake(case)
    if talk is None or talk.plain is not None or talk.heard.verify_code is not None:
        return None
    why = (talk.heard.why or "").upper().replace(" ", "_")
    session = talk.secured.tls if talk.secured else None
    old = session is not None and session.version in _OLD
    if not (old or any(each in why for each in _REASONS)) or _asks_for_another(talk):
        return None
    evidence = [refusal_words(talk)]
    if session is not None:
        evidence.append(f"a client that takes everything gets a session: {session.version}")
    return Verdict(
        (*evidence, *certificate_words(talk)),
        "let the server speak what clients of today do: nginx ssl_protocols TLSv1.2 TLSv1.3; "
        "Python context.minimum_version = ssl.TLSVersion.TLSv1_2; to see: "
        f"openssl s_client -tls1 -cipher ALL:@SECLEVEL=0 -connect {case.service.place}",
        Sureness.SURE if session is not None or "PROTOCOL" in why else Sureness.LIKELY,
    )


def _asks_for_another(talk: Talk) -> bool:
    return talk.flight is not None and talk.flight.client_certificate


RULE = Rule(
    id="S11",
    title="client and server have no TLS version or cipher in common",
    layer=Layer.TLS,
    symptom="UNSUPPORTED_PROTOCOL, protocol version, no shared cipher, dh key too small",
    looks_for="the handshake fails, and comes about for a client that also takes what is old",
    fix="let the server speak TLS 1.2 and 1.3 with ciphers of today",
    judge=_judge,
)
