"""S2: http is spoken to a port that speaks TLS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.web_words import answer_words, certificate_words, tls_url

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    talk = case.talk
    if talk is None or not case.service.is_http or case.service.over_tls or talk.redirects:
        return None
    if talk.healthy or talk.secured is None or talk.secured.tls is None:
        return None
    said = answer_words(case) or (
        f"the plain request is answered with nothing: {talk.heard.ended}",
    )
    return Verdict(
        (
            *said,
            f"the same port completes a TLS handshake: {talk.secured.tls.version}",
            *certificate_words(talk),
        ),
        f"in the client, write {tls_url(case)}",
    )


RULE = Rule(
    id="S2",
    title="http is spoken to a port that speaks TLS",
    layer=Layer.TLS,
    symptom="an empty answer, a reset, or 400 “The plain HTTP request was sent to HTTPS port”",
    looks_for="the plain request comes to nothing, and the same port completes a TLS handshake",
    fix="write https:// in the client",
    judge=_judge,
)
