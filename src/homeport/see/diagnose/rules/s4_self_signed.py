"""S4: the certificate is self-signed, and the client does not trust it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.web_words import certificate_words, refusal_words, refused_certificate

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    talk = refused_certificate(case, 18)
    if talk is None:
        return None
    host, place = case.service.host, case.service.place
    return Verdict(
        (refusal_words(talk), *certificate_words(talk)),
        f"mkcert -install && mkcert {host}  (and let the server use the files it makes); or trust "
        f"this one: openssl s_client -connect {place} </dev/null | openssl x509 >local.pem, then "
        "SSL_CERT_FILE=local.pem (Python, Go, curl), NODE_EXTRA_CA_CERTS=local.pem (node)",
    )


RULE = Rule(
    id="S4",
    title="the certificate is self-signed, and the client does not trust it",
    layer=Layer.TLS,
    symptom="self-signed certificate, DEPTH_ZERO_SELF_SIGNED_CERT, ERR_CERT_AUTHORITY_INVALID",
    looks_for="OpenSSL's verify code 18: the certificate has issued itself, and is not in the "
    "trust store",
    fix="trust this certificate in the client, or have one made by a local authority (mkcert)",
    judge=_judge,
)
