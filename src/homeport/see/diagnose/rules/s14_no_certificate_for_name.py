"""S14: the server has no certificate for the name that the client gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.web_words import handshake, refusal_words

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    talk = handshake(case)
    if talk is None or talk.plain is not None or talk.heard.verify_code is not None:
        return None
    why = (talk.heard.why or "").upper()
    named, internal = "UNRECOGNIZED_NAME" in why, "INTERNAL_ERROR" in why
    if not named and not internal:
        return None
    host = case.service.host
    by_address = ":" in host or host.replace(".", "").isdigit()
    gives = "no name, since the URL has an address" if by_address else f"the name {host}"
    return Verdict(
        (refusal_words(talk), f"the client gives {gives} (SNI, RFC 6066)"),
        "in the client, write the name that the server's configuration has (localhost?) instead of "
        f"{host}; or add {host} there: Caddyfile `{host} {{ tls internal }}`, nginx server_name",
        Sureness.SURE if named else Sureness.LIKELY,
    )


RULE = Rule(
    id="S14",
    title="the server has no certificate for the name that the client gives",
    layer=Layer.TLS,
    symptom="tlsv1 unrecognized name, tlsv1 alert internal error, ERR_SSL_UNRECOGNIZED_NAME_ALERT",
    looks_for="the server's alert 112 or 80 in answer to the name in the handshake (SNI)",
    fix="use the name that the server is configured for, or configure this one",
    judge=_judge,
)
