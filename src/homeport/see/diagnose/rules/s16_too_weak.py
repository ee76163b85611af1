"""S16: a key or a signature of the certificate is too weak for clients of today."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.web_words import certificate_words, refusal_words, refused_certificate

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    talk = refused_certificate(case, 66, 67, 68)
    if talk is None:
        return None
    return Verdict(
        (refusal_words(talk), *certificate_words(talk)),
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -sha256 -nodes -days 365 "
        f"-subj /CN={case.service.host} -addext subjectAltName=DNS:{case.service.host} "
        "-keyout key.pem -out cert.pem",
    )


RULE = Rule(
    id="S16",
    title="a key or a signature of the certificate is too weak for clients of today",
    layer=Layer.TLS,
    symptom="ee key too small, ca md too weak",
    looks_for="OpenSSL's verify codes 66 to 68: RSA below 2048 bits, or SHA-1",
    fix="have it made with RSA of 2048 bits or with EC, and with SHA-256",
    judge=_judge,
)
