"""H14: the request is larger than the server takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.web_words import SERVER_IS_UP, answer, answer_words

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    response = answer(case)
    if response is None or response.status not in (413, 414, 431):
        return None
    limits = [
        f"client_max_body_size is {each.body_limit} ({each.where})"
        for each in case.upstreams
        if each.body_limit
    ]
    return Verdict(
        (*answer_words(case), *limits[:1], SERVER_IS_UP),
        _FIXES[response.status],
    )


_FIXES = {
    413: "nginx: client_max_body_size 50m; Flask: MAX_CONTENT_LENGTH; Express: "
    "express.json({limit: '50mb'})",
    414: "send it in a POST, or raise the limit: nginx large_client_header_buffers 4 32k",
    431: "headers are too large, often cookies of all ports of localhost together: clear them; or "
    "raise the limit: node --max-http-header-size=65536",
}


RULE = Rule(
    id="H14",
    title="the request is larger than the server takes",
    layer=Layer.APPLICATION,
    symptom="413 Content Too Large",
    looks_for="status 413, or 431 and 414 for headers and URL; the limit in the configuration of "
    "nginx",
    fix="raise the server's limit (nginx: client_max_body_size)",
    judge=_judge,
)
