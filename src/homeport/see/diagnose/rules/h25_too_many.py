"""H25: the server limits how often it may be asked."""

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
    if response is None or response.status != 429:
        return None
    after = response.headers.get("retry-after")
    told = [f"Retry-After: {quoted(after, 40)}"] if after else []
    return Verdict(
        (*answer_words(case), *told, SERVER_IS_UP),
        f"wait {after or 'a while'}{' s' if after and after.isdigit() else ''}, let the client "
        "ask less "
        "often, or raise the limit (nginx limit_req, flask-limiter, the service's own)",
    )


RULE = Rule(
    id="H25",
    title="the server limits how often it may be asked",
    layer=Layer.APPLICATION,
    symptom="429 Too Many Requests",
    looks_for="status 429 and its Retry-After",
    fix="ask less often, or raise the limit",
    judge=_judge,
)
