"""S17: the certificate has a common name and no subjectAltName."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    talk = case.talk
    tls = None if talk is None else talk.heard.tls
    if talk is None or not talk.healthy or tls is None or tls.certificate is None:
        return None
    if tls.certificate.names:
        return None
    return Verdict(
        (
            (
                f"The certificate has a common name ({tls.certificate.subject}) and no "
                "subjectAltName: "
                "Go, Chrome and others refuse it (RFC 9525)."
            ),
        ),
        f"mkcert {case.service.host}",
        note=True,
    )


RULE = Rule(
    id="S17",
    title="the certificate has a common name and no subjectAltName",
    layer=Layer.TLS,
    symptom="it works with Python and curl, and fails in Go and Chrome",
    looks_for="a TLS session with a certificate without subjectAltName (RFC 9525, 2)",
    fix="have the certificate made with a subjectAltName",
    judge=_judge,
)
