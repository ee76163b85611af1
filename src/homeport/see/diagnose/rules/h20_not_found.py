"""H20: the server has nothing at this path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.web_words import SERVER_IS_UP, answer, answer_words, holder

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    response, talk = answer(case), case.talk
    if response is None or talk is None or response.status not in (404, 410):
        return None
    if case.service.scheme in {"ws", "wss"}:
        return None  # H7 and H27 tell of it
    root = next((each.response for each in talk.again if each.url == "/" and each.response), None)
    told = [f"GET / is answered with {root.line}"] if root else []
    well = root is not None and root.status < 400
    return Verdict(
        (*answer_words(case), *told, SERVER_IS_UP, f"it is held by {holder(case)}"),
        "compare the path with the routes of the application (flask routes, a prefix, a slash at "
        "the "
        "end, the base of a frontend); if it is another application than you think: homeport ls",
        title=None if well or root is None else "the server has neither this path nor a page at /",
    )


RULE = Rule(
    id="H20",
    title="the server has nothing at this path",
    layer=Layer.APPLICATION,
    symptom="404 Not Found",
    looks_for="status 404 (or 410), and whether the root of the server answers",
    fix="correct the path, or the prefix that a proxy strips or adds",
    judge=_judge,
)
