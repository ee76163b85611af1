"""H26: the application says that it is not ready."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.web_words import SERVER_IS_UP, answer, answer_words, holder, log_of
from homeport.see.diagnose.words import quoted

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    response = answer(case)
    if response is None or response.status != 503:
        return None
    if any(each.listens is False for each in case.upstreams):
        return None
    after = response.headers.get("retry-after")
    told = [f"Retry-After: {quoted(after, 40)}"] if after else []
    wait = f"wait {after}{' s' if after.isdigit() else ''}; " if after else ""
    return Verdict(
        (*answer_words(case), *told, SERVER_IS_UP, f"it is held by {holder(case)}"),
        f"{wait}it is starting, in maintenance, overloaded, or misses something behind it: read "
        "its "
        f"log{log_of(case)}",
    )


RULE = Rule(
    id="H26",
    title="the application says that it is not ready",
    layer=Layer.APPLICATION,
    symptom="503 Service Unavailable",
    looks_for="status 503, with or without Retry-After; no dead upstream of a proxy",
    fix="wait, or find out what it is waiting for",
    judge=_judge,
)
