"""HX: the server refuses the request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.web_words import SERVER_IS_UP, answer, answer_words, holder, log_of

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    response = answer(case)
    if response is None or response.status < 400:
        return None
    ours = response.status < 500
    return Verdict(
        (*answer_words(case), SERVER_IS_UP, f"it is held by {holder(case)}"),
        "it is not the network: its words and its log say what it does not like" + log_of(case),
        title=f"the server refuses the request: {response.line.partition(' ')[2]}"
        if ours
        else f"the server fails: {response.line.partition(' ')[2]}",
    )


RULE = Rule(
    id="HX",
    title="the server refuses the request",
    layer=Layer.APPLICATION,
    symptom="an HTTP status of 400 or above",
    looks_for="a status that no other rule knows, while every layer below is well",
    fix="read the answer and the server's log",
    judge=_judge,
    general=True,
)
