"""H19: the application has failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.web_words import SERVER_IS_UP, answer, answer_words, holder, log_of

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    response = answer(case)
    if response is None or response.status not in (500, 501):
        return None
    return Verdict(
        (*answer_words(case), SERVER_IS_UP, f"it is held by {holder(case)}"),
        "it is not the network: read the traceback in the output of the server"
        + log_of(case)
        + "; in development turn its debug mode on (flask --debug, Django DEBUG = True)",
    )


RULE = Rule(
    id="H19",
    title="the application has failed",
    layer=Layer.APPLICATION,
    symptom="500 Internal Server Error",
    looks_for="status 500 or 501, while every layer below is well",
    fix="read the traceback in the application's log",
    judge=_judge,
)
