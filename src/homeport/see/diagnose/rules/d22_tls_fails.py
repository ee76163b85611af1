"""D22: a database offers TLS, and the session that its client wants does not come about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.see.diagnose.refusals import spoken, told_connection
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import quoted
from homeport.wire.exchange import Ended

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case

_CAN_DO = {
    "postgresql": "sslmode=require encrypts without looking at the certificate",
    "mysql": "ssl-mode=REQUIRED encrypts without looking at the certificate",
    "mongodb": "tlsAllowInvalidCertificates=true does not look at the certificate",
}


def _judge(case: Case) -> Verdict | None:
    talk = case.talk
    if talk is None or talk.healthy or case.service.over_tls or case.service.is_http:
        return None
    if talk.heard.ended is not Ended.UNSECURED or talk.identity is not None:
        return None
    told = (*told_connection(case), f"OpenSSL says: {quoted(talk.heard.why or 'no more')}")
    if talk.heard.verify_code is None:
        fix = "read the server's log; does it have a certificate and key that fit each other?"
        return Verdict(told, fix, Sureness.LIKELY)
    more = f"it is verify code {talk.heard.verify_code} (openssl-verify(1)) for {case.service.host}"
    fix = "give the server a certificate of an authority that this machine trusts (mkcert), or the "
    fix += "client that authority"
    able = _CAN_DO.get(spoken(case) or "")
    return Verdict(
        (*told, more),
        f"{fix}; {able}" if able else fix,
        title="the client does not believe the server's certificate",
    )


RULE = Rule(
    id="D22",
    title="the TLS session with the server does not come about",
    layer=Layer.TLS,
    symptom="certificate verify failed; SSL error",
    looks_for="OpenSSL's error and its verify code, where the URL wants the certificate looked at",
    fix="a certificate that the client trusts",
    judge=_judge,
)
