"""H6: the redirects go in a circle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.web_words import answer_words, shown

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    talk = case.talk
    back = None if talk is None else talk.fact("loop")
    if talk is None or back is None:
        return None
    way = " -> ".join(shown(each.url) for each in talk.redirects)
    return Verdict(
        (
            *answer_words(case)[: len(talk.redirects)],
            f"the way goes in a circle: {way} -> {shown(back)}",
        ),
        "find out who sends back: behind a proxy that ends TLS, pass X-Forwarded-Proto on (Django "
        "SECURE_PROXY_SSL_HEADER); a rule for a slash at the end; a session cookie that does not "
        "come back; look with: curl -sIL --max-redirs 5 " + case.service.asked,
    )


RULE = Rule(
    id="H6",
    title="the redirects go in a circle",
    layer=Layer.APPLICATION,
    symptom="ERR_TOO_MANY_REDIRECTS, “redirected you too many times”",
    looks_for="a Location that leads back to a path that was just asked for",
    fix="find what sends back: a proxy that hides https (X-Forwarded-Proto), a slash, a cookie "
    "that is lost",
    judge=_judge,
)
