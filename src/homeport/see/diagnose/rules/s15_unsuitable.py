"""S15: the certificate may not be used for a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.web_words import certificate_words, refusal_words, refused_certificate

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case

_CODES = (
    24,
    25,
    26,
    32,
    34,
    37,
    38,
    39,
    40,
    41,
    47,
    48,
    49,
    79,
    80,
    81,
    82,
    83,
    84,
    85,
    86,
    87,
    88,
    89,
    90,
    91,
    92,
    93,
    94,
)


def _judge(case: Case) -> Verdict | None:
    talk = refused_certificate(case, *_CODES)
    if talk is None:
        return None
    return Verdict(
        (refusal_words(talk), *certificate_words(talk)),
        "have it made again: the server's with extendedKeyUsage=serverAuth, keyUsage="
        "digitalSignature; its issuer's with basicConstraints=critical,CA:TRUE, "
        f"keyUsage=keyCertSign; mkcert {case.service.host} does it right",
    )


RULE = Rule(
    id="S15",
    title="the certificate may not be used for a server",
    layer=Layer.TLS,
    symptom="unsuitable certificate purpose, invalid CA certificate, path length constraint "
    "exceeded",
    looks_for="OpenSSL's verify codes 24 to 26, 32, 79 and the like: extensions of the "
    "certificate forbid this use",
    fix="have the certificate made with extendedKeyUsage serverAuth, its issuer with CA:TRUE",
    judge=_judge,
)
