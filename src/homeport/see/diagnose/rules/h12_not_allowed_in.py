"""H12: the server wants to know who asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.web_words import (
    SERVER_IS_UP,
    answer,
    answer_words,
    spoken_to_others,
    text_of,
)
from homeport.see.diagnose.words import quoted

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    response = answer(case)
    if response is None or response.status not in (401, 403, 407) or spoken_to_others(case):
        return None
    said = text_of(response)
    if known_elsewhere(said) or (case.service.over_tls and "certificate" in said.lower()):
        return None
    wants = response.headers.get("www-authenticate") or response.headers.get("proxy-authenticate")
    told = [*answer_words(case), SERVER_IS_UP]
    told += [f"it wants {quoted(wants)}"] if wants else []
    given = case.service.user is not None
    told.append(
        "the URL has a user, who is not accepted" if given else "the request had no credentials"
    )
    sure = response.status != 403 or wants is not None
    return Verdict(
        tuple(told),
        _fix(case, wants),
        Sureness.SURE,
        title=None
        if sure
        else "the server forbids the request: a login, a token, or a right is missing",
    )


def _fix(case: Case, wants: str | None) -> str:
    url = case.service.asked
    if wants is not None and wants.lower().startswith("basic"):
        return f"curl -u USER {url}, or the password in the URL"
    token = f'curl -H "Authorization: Bearer $TOKEN" {url}'
    return f"send what it wants: {token}; Jupyter: `jupyter server list` shows the token"


def known_elsewhere(said: str) -> bool:
    """Whether the words are about the host of the request: rule H2."""
    return any(
        each in said for each in ("Blocked request. This host", "nvalid Host", "Blocked host")
    )


RULE = Rule(
    id="H12",
    title="the server wants to know who asks",
    layer=Layer.APPLICATION,
    symptom="401 Unauthorized, 403 Forbidden, 407 Proxy Authentication Required",
    looks_for="status 401, 403 or 407, and no better answer under another host",
    fix="send the token or the password that the server wants",
    judge=_judge,
)
