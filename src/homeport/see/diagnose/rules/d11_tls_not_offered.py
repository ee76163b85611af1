"""D11: the client insists on TLS, and the database offers none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.refusals import spoken, told_connection
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case

_OPTIONS = ("sslmode", "ssl-mode", "ssl_mode", "tls", "ssl", "useSSL", "requireSSL")
_SAID = {
    "postgresql": "asked for TLS (SSLRequest), the server said N: it has none",
    "mysql": "the server's greeting does not offer TLS (CLIENT_SSL is not among its capabilities)",
}


def _judge(case: Case) -> Verdict | None:
    if case.talk is None or case.talk.fact("tls") != "not offered":
        return None
    protocol = spoken(case) or ""
    asked = [f"{name}={value}" for name, value in case.service.options if name in _OPTIONS]
    wish = f"the URL insists on it: {asked[0]}" if asked else "the client insists on it (PGSSLMODE)"
    return Verdict((*told_connection(case), _SAID[protocol], wish), _fix(protocol))


def _fix(protocol: str) -> str:
    if protocol == "mysql":
        return (
            "on this machine TLS guards nothing: ssl-mode=PREFERRED in the URL; or give the server "
            "ssl_cert and ssl_key"
        )
    return (
        "on this machine TLS guards nothing: sslmode=prefer (or disable) in the URL; or let the "
        "server have it: ssl = on, ssl_cert_file, ssl_key_file in postgresql.conf"
    )


RULE = Rule(
    id="D11",
    title="the client insists on TLS, and the server has none",
    layer=Layer.TLS,
    symptom="server does not support SSL, but SSL was required",
    looks_for="N as the answer to an SSLRequest; a MySQL greeting without CLIENT_SSL",
    fix="sslmode=prefer in the URL, or ssl = on in the server",
    judge=_judge,
)
