"""H3: the server answers under another host name only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.web_words import (
    SERVER_IS_UP,
    answer,
    answer_words,
    spoken_to_others,
    text_of,
    with_host,
)

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    other, response = spoken_to_others(case), answer(case)
    if other is None or response is None or response.status < 400 or response.status == 421:
        return None
    if other_rule_knows(text_of(response)):
        return None
    return Verdict(
        (
            *answer_words(case),
            f"with Host: {other} the same request is answered well",
            SERVER_IS_UP,
        ),
        f"in the client, write {with_host(case, other.partition(':')[0])}; or add "
        f"{case.service.host} to the host names that the server takes (allowed hosts, server_name)",
    )


def other_rule_knows(said: str) -> bool:
    """Whether the words are those of a server that H1 or H2 names."""
    return any(
        each in said for each in ("DisallowedHost", "Bad Request (400)", "locked", "nvalid Host")
    )


RULE = Rule(
    id="H3",
    title="the server answers under another host name only",
    layer=Layer.APPLICATION,
    symptom="400, 403 or 404 for one name, and a good answer for another one of the same port",
    looks_for="the same request with another Host header is answered well",
    fix="use that name, or let the server take this one",
    judge=_judge,
)
