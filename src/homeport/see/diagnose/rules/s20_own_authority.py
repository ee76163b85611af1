"""S20: the certificate is signed by Homeport's own authority, which the client does not trust."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.web_words import (
    certificate_words,
    refusal_words,
    refused_certificate,
    store,
)

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    talk = refused_certificate(case, 2, 7, 19, 20, 21)
    own = next((each for each in case.authorities if each.ours and not each.trusted), None)
    if talk is None or own is None or talk.fact("no trust"):
        return None
    return Verdict(
        (
            refusal_words(talk),
            *certificate_words(talk),
            f"the authority is this user's own, made by Homeport: {own.path}",
            f"the client trusts what is in {store(case)}, and it is not there",
        ),
        "homeport trust\n"
        f"for one program only: SSL_CERT_FILE={own.path} (Python, curl; in place of the system's), "
        f"NODE_EXTRA_CA_CERTS={own.path} (node)",
    )


RULE = Rule(
    id="S20",
    title="the certificate is signed by Homeport's own authority, which this client does not trust",
    layer=Layer.TLS,
    symptom="unable to get local issuer certificate, at an https:// address of the gateway",
    looks_for="OpenSSL's verify code 19 or 20, and the issuer among Homeport's own files",
    fix="homeport trust",
    judge=_judge,
)
