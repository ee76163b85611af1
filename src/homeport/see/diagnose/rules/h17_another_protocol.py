"""H17: the port speaks another protocol than HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.web_words import shown
from homeport.see.diagnose.words import quoted

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case, Talk


def _judge(case: Case) -> Verdict | None:
    talk = case.talk
    if talk is None or not case.service.is_http or talk.response or talk.plain:
        return None
    found = talk.identity
    if found is None or found.protocol in ("http", "tls", "http2", "grpc"):
        return None
    if talk.fact("said in the clear") and case.service.over_tls:
        return None  # S13 tells of it
    name = f"{found.product} ({found.protocol})" if found.product else found.protocol
    return Verdict(
        (
            _met(case, talk),
            *found.evidence,
        ),
        f"use a client of {found.protocol}: {found.protocol}://{case.service.place}; is the port "
        "of "
        "the web server another one? homeport ls",
        found.certainty,
        title=f"the port speaks {name}, not HTTP",
    )


def _met(case: Case, talk: Talk) -> str:
    """What the client met with."""
    if case.service.over_tls and talk.heard.tls is None:
        return f"the TLS handshake fails: {talk.heard.why or talk.heard.ended}"
    said = quoted(talk.heard.data[:60].decode("latin-1")) if talk.heard.data else "nothing"
    return f"GET {shown(case.service.path)} is answered with {said}: {talk.heard.ended}"


RULE = Rule(
    id="H17",
    title="the port speaks another protocol than HTTP",
    layer=Layer.PROTOCOL,
    symptom="an empty answer, a reset, “Received HTTP/0.9”, or a greeting instead of an answer",
    looks_for="no HTTP came back, and the listener was recognised as something else by its own "
    "words",
    fix="use a client of that protocol, or the port of the web server",
    judge=_judge,
)
