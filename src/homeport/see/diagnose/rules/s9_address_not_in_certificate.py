"""S9: the URL has an address, and the certificate is for names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.web_words import (
    certificate,
    certificate_words,
    refusal_words,
    refused_certificate,
    with_host,
)

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    talk = refused_certificate(case, 64)
    if talk is None:
        return None
    found = certificate(talk)
    usable = [each for each in (found.names if found else ()) if "*" not in each]
    host = case.service.host
    instead = f"in the client, write {with_host(case, usable[0])}; or " if usable else ""
    return Verdict(
        (refusal_words(talk), *certificate_words(talk)),
        f"{instead}have the certificate made for both: mkcert "
        f"{usable[0] if usable else 'localhost'} {host}",
    )


RULE = Rule(
    id="S9",
    title="the URL has an address, and the certificate is for names",
    layer=Layer.TLS,
    symptom="IP address mismatch, ERR_TLS_CERT_ALTNAME_INVALID for 127.0.0.1",
    looks_for="OpenSSL's verify code 64: no iPAddress of the subjectAltName is the address of "
    "the URL",
    fix="write the name in the URL, or add the address to the certificate",
    judge=_judge,
)
