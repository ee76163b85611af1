"""S12: the server does not send the intermediate certificate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.web_words import (
    certificate_words,
    intercepted_by,
    misses_intermediate,
    refusal_words,
    refused_certificate,
)
from homeport.see.diagnose.words import quoted

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    talk = refused_certificate(case, 2, 20, 21)
    if talk is None or not misses_intermediate(case) or intercepted_by(case):
        return None
    sent = len(talk.flight.certificates) if talk.flight else 0
    links = [each for each in case.authorities if not each.root]
    evidence = [refusal_words(talk), *certificate_words(talk)]
    evidence += [f"the server sends {sent} certificate{'s' * (sent != 1)}"] if sent else []
    for each in links[:2]:
        trusted = ", and its own issuer is trusted" if each.trusted else ""
        evidence.append(
            f"its issuer {quoted(each.name)}, which lies in {each.path}, is no root{trusted}"
        )
    path = links[0].path if links else "intermediate.pem"
    sure = any(each.trusted for each in links)
    return Verdict(
        tuple(evidence),
        f"cat server.pem {path} >chain.pem, and let the server use chain.pem as its certificate "
        "(nginx ssl_certificate, Python load_cert_chain, node cert)",
        Sureness.SURE if sure else Sureness.LIKELY,
        tell_apart=f"openssl s_client -showcerts -connect {case.service.place} shows what is sent",
    )


RULE = Rule(
    id="S12",
    title="the server does not send the intermediate certificate",
    layer=Layer.TLS,
    symptom="unable to get local issuer certificate, though browsers (which fetch it) are content",
    looks_for="verify code 20 or 21, and the issuer of what is sent is itself no root: its "
    "certificate is missing",
    fix="append the intermediate certificate to the server's certificate file",
    judge=_judge,
)
