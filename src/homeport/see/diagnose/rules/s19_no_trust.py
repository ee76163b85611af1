"""S19: the trust store that the client is told to use holds no certificate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.web_words import certificate_words, refusal_words, refused_certificate

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    talk = refused_certificate(case, 2, 7, 19, 20, 21)
    told = None if talk is None else talk.fact("no trust")
    if talk is None or told is None:
        return None
    named = case.client.environment.get("SSL_CERT_FILE")
    variable = (f"SSL_CERT_FILE={named} stands in the client's environment",) if named else ()
    return Verdict(
        (refusal_words(talk), *variable, told, *certificate_words(talk)),
        "unset SSL_CERT_FILE, or let it name a file of certificates: "
        "/etc/ssl/certs/ca-certificates.crt (package ca-certificates)",
    )


RULE = Rule(
    id="S19",
    title="the trust store that the client is told to use holds no certificate",
    layer=Layer.TLS,
    symptom="every certificate is refused: unable to get local issuer certificate",
    looks_for="SSL_CERT_FILE names a file that is missing, may not be read, or has no certificate",
    fix="let SSL_CERT_FILE name a file of certificates, or leave it unset",
    judge=_judge,
)
