"""H31: browsers will remember to use https for this host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.web_words import answer

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    talk, response = case.talk, answer(case)
    if talk is None or response is None or not talk.healthy or not case.service.over_tls:
        return None
    told = response.headers.get("strict-transport-security", "")
    if "max-age" not in told or "max-age=0" in told.replace(" ", ""):
        return None
    return Verdict(
        (
            (
                "Strict-Transport-Security makes browsers use https for every port of "
                f"{case.service.host}, "
                "those without TLS too (RFC 6797)."
            ),
        ),
        "leave the header out in development",
        note=True,
    )


RULE = Rule(
    id="H31",
    title="browsers will remember to use https for this host",
    layer=Layer.TLS,
    symptom="http:// to any port of the host becomes https:// in the browser",
    looks_for="Strict-Transport-Security over TLS (RFC 6797)",
    fix="leave the header out on localhost",
    judge=_judge,
)
