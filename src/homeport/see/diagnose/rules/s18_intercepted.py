"""S18: somebody on the way intercepts TLS: the certificate's issuer is an intercepting proxy's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.web_words import (
    certificate_words,
    holder,
    intercepted_by,
    refusal_words,
    refused_certificate,
    store,
)
from homeport.see.diagnose.words import quoted
from homeport.wire.interceptors import interceptor

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    product = intercepted_by(case)
    talk = refused_certificate(case, 2, 19, 20, 21)
    if product is None or talk is None:
        return None
    roots = [each for each in case.authorities if interceptor(each.name) is not None]
    path = roots[0].path if roots else "CA.pem"
    lies = [f"its authority {quoted(each.name)} lies in {each.path}" for each in roots[:2]]
    return Verdict(
        (
            refusal_words(talk),
            *certificate_words(talk),
            f"certificates of this issuer are made on the fly by {product}",
            f"the connection was taken by {holder(case)}",
            *lies,
            f"the client trusts what is in {store(case)}, and its authority is not there",
        ),
        "keep local traffic out of it: NO_PROXY=localhost,127.0.0.1,::1, or an exception in "
        f"{product}; or trust its authority: SSL_CERT_FILE={path} (Python, Go, curl), "
        f"NODE_EXTRA_CA_CERTS={path} (node)",
        title=f"TLS is intercepted: the certificate is made by {product}",
    )


RULE = Rule(
    id="S18",
    title="TLS is intercepted on the way",
    layer=Layer.TLS,
    symptom="unable to get local issuer certificate, though the server's own certificate is good",
    looks_for="an issuer by the name of an intercepting proxy's (mitmproxy, Zscaler, …)",
    fix="keep local traffic out of the proxy, or trust its authority",
    judge=_judge,
)
