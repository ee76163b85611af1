"""H30: the server sends to a page to log in at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.web_words import answer, shown
from homeport.wire.web_answer import is_login

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    talk, response = case.talk, answer(case)
    if talk is None or response is None or not talk.healthy or response.status // 100 != 3:
        return None
    to = response.headers.get("location", "")
    if not is_login(to.partition("://")[2].partition("/")[2] if "://" in to else to):
        return None
    return Verdict(
        (f"The server sends to a login: {shown(to)}. A client without a session sees no more.",),
        "log in, or send a token",
        note=True,
    )


RULE = Rule(
    id="H30",
    title="the server sends to a page to log in at",
    layer=Layer.APPLICATION,
    symptom="302 to /login",
    looks_for="a redirect whose path is that of a login",
    fix="log in, or send a token",
    judge=_judge,
)
