"""H23: the path takes another method than GET."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.web_words import SERVER_IS_UP, answer, answer_words
from homeport.see.diagnose.words import quoted

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    response = answer(case)
    if response is None or response.status != 405:
        return None
    if case.service.scheme in {"ws", "wss"}:
        return None  # H7 and H27 tell of it
    allowed = response.headers.get("allow")
    told = [f"Allow: {quoted(allowed)}"] if allowed else []
    method = (allowed or "POST").split(",")[0].strip()[:20]
    return Verdict(
        (*answer_words(case), *told, SERVER_IS_UP),
        f"curl -X {method} {case.service.asked}  (the service is there; GET is what it does not "
        "take)",
    )


RULE = Rule(
    id="H23",
    title="the path takes another method than GET",
    layer=Layer.APPLICATION,
    symptom="405 Method Not Allowed",
    looks_for="status 405 and its Allow header",
    fix="ask with a method that Allow names",
    judge=_judge,
)
