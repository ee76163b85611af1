"""H1: Django does not take the host of the URL (ALLOWED_HOSTS)."""

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
    with_host,
)

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    response = answer(case)
    if response is None or response.status != 400:
        return None
    said = text_of(response)
    debug = "DisallowedHost" in said or "ALLOWED_HOSTS" in said
    # What Django says with DEBUG=False, whatever it found wrong with the request.
    plain = said.strip() in ("Bad Request (400)", "Bad Request Bad Request (400)")
    if not debug and not plain:
        return None
    other = spoken_to_others(case)
    told = [*answer_words(case), SERVER_IS_UP]
    told += [f"with Host: {other} the same request is answered well"] if other else []
    return Verdict(
        tuple(told),
        f"settings.py: ALLOWED_HOSTS = [..., {case.service.host!r}], then restart Django"
        + (f"; or, in the client, {with_host(case, other.partition(':')[0])}" if other else ""),
        Sureness.SURE if debug or other else Sureness.LIKELY,
        tell_apart="Django's log says “Invalid HTTP_HOST header” where it is this",
    )


RULE = Rule(
    id="H1",
    title="Django does not take the host of the URL (ALLOWED_HOSTS)",
    layer=Layer.APPLICATION,
    symptom="400 Bad Request, DisallowedHost, Invalid HTTP_HOST header",
    looks_for="400 with Django's words, and a better answer under another host",
    fix="add the host to ALLOWED_HOSTS in settings.py",
    judge=_judge,
)
