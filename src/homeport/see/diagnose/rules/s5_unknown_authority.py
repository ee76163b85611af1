"""S5: the certificate's authority is not in the client's trust store."""

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
    store,
)
from homeport.see.diagnose.words import quoted

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    talk = refused_certificate(case, 2, 7, 19, 20, 21)
    if talk is None or misses_intermediate(case) or intercepted_by(case):
        return None
    if any(each.ours for each in case.authorities):
        return None  # S20 tells of it
    if talk.fact("no trust"):
        return None  # S19 tells of it
    roots = [each for each in case.authorities if each.root and not each.trusted]
    path = roots[0].path if roots else "CA.pem"
    evidence = [refusal_words(talk), *certificate_words(talk)]
    evidence += [f"the authority {quoted(each.name)} lies in {each.path}" for each in roots[:3]]
    anew = next((each for each in case.authorities if each.namesake), None)
    if anew is not None:
        evidence.append(f"{anew.path} has one of the same name with another key: it was made anew")
    else:
        evidence.append(f"the client trusts what is in {store(case)}, and it is not there")
    # Code 19: the server has sent the root itself. Else a link of the chain may be what is missing.
    sure = talk.heard.verify_code == 19 or bool(roots) or anew is not None
    if not sure:
        evidence.append(
            "where that issuer is itself issued by somebody whom the client trusts, it is the "
            "server "
            "that has to send the issuer's certificate along"
        )
    return Verdict(
        tuple(evidence),
        f"SSL_CERT_FILE={path} (Python, Go, curl; it takes the place of the system's), "
        f"NODE_EXTRA_CA_CERTS={path} (node), REQUESTS_CA_BUNDLE={path} (requests); or for all: "
        f"cp {path} /usr/local/share/ca-certificates/local.crt && update-ca-certificates",
        Sureness.SURE if sure else Sureness.LIKELY,
        tell_apart="openssl s_client -showcerts -connect "
        f"{case.service.place} shows the chain: does it end with the authority you know?",
    )


RULE = Rule(
    id="S5",
    title="the certificate's authority is not in the client's trust store",
    layer=Layer.TLS,
    symptom="unable to get local issuer certificate, UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    looks_for="OpenSSL's verify code 19 or 20; the authority's own certificate is sent along, or "
    "lies on this machine",
    fix="give the client the authority's certificate: SSL_CERT_FILE, NODE_EXTRA_CA_CERTS",
    judge=_judge,
)
