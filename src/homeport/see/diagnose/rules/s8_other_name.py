"""S8: the certificate is for another name."""

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
    talk = refused_certificate(case, 62)
    if talk is None:
        return None
    found = certificate(talk)
    usable = [each for each in (found.names if found else ()) if "*" not in each]
    wide = [each for each in (found.names if found else ()) if each.startswith("*.")]
    short = [f"clients do not take {each}: too wide" for each in wide if each.count(".") == 1]
    instead = f"in the client, write {with_host(case, usable[0])}; or " if usable else ""
    return Verdict(
        (refusal_words(talk), *certificate_words(talk), *short),
        f"{instead}have the certificate made again for this name: mkcert {case.service.host}",
    )


RULE = Rule(
    id="S8",
    title="the certificate is for another name",
    layer=Layer.TLS,
    symptom="hostname mismatch, ERR_TLS_CERT_ALTNAME_INVALID, ERR_CERT_COMMON_NAME_INVALID",
    looks_for="OpenSSL's verify code 62: the host of the URL is none of the certificate's names",
    fix="use a name of the certificate, or have one made for this name",
    judge=_judge,
)
