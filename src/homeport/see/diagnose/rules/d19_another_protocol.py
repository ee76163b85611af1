"""D19: the port speaks another protocol than the client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.see.diagnose.refusals import spoken, told_connection
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.model.identity import Identity
    from homeport.see.diagnose.case import Case

_ALIKE = {frozenset({"http", "http2"}), frozenset({"http", "grpc"})}


def _judge(case: Case) -> Verdict | None:
    identity = None if case.talk is None else case.talk.identity
    wanted = spoken(case)
    if identity is None or wanted is None or case.service.is_http:
        return None
    if identity.protocol in {wanted, "tls"} or frozenset({wanted, identity.protocol}) in _ALIKE:
        return None
    speaks = identity.protocol + (f" ({identity.product})" if identity.product else "")
    return Verdict(
        (
            *told_connection(case),
            f"it does not answer as {wanted}",
            *(f"asked what it speaks: {each}" for each in identity.evidence),
        ),
        f"take the port of the {wanted} server (homeport ls shows who listens where), or a client "
        f"for {identity.protocol}",
        identity.certainty,
        title=f"the port speaks {speaks}, the client {wanted}",
        tell_apart=_apart(identity),
    )


def _apart(identity: Identity) -> str | None:
    return None if identity.certainty is Sureness.SURE else "look at the process that listens there"


RULE = Rule(
    id="D19",
    title="the port speaks another protocol than the client",
    layer=Layer.PROTOCOL,
    symptom="a timeout, an unexpected end, or received invalid response to SSL negotiation",
    looks_for="what the listener answers to the questions of homeport ls --identify",
    fix="take the port of the right server",
    judge=_judge,
)
