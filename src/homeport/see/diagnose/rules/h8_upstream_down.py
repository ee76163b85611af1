"""H8: the proxy does not reach the server behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.web_words import answer, answer_words, holder

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    response = answer(case)
    if response is None or response.status not in (502, 503):
        return None
    dead = [each for each in case.upstreams if each.listens is False]
    if response.status == 503 and not dead:
        return None
    told = [*answer_words(case), f"the proxy itself is up: {holder(case)}"]
    told += [
        f"it passes the request on to {each.place} ({each.where})" for each in case.upstreams[:4]
    ]
    told += [f"nobody listens on {each.place}" for each in dead[:4]]
    told += [f"{each.held_by} listens on {each.place}" for each in case.upstreams if each.held_by][
        :2
    ]
    if dead:
        return Verdict(
            tuple(told),
            f"start the server that belongs on {dead[0].place}, or correct the address in "
            f"{dead[0].where}",
            title=f"nothing listens where the proxy passes requests on to: {dead[0].place}",
        )
    return Verdict(
        tuple(told),
        "the proxy's error log names the upstream and what became of it (nginx: "
        "/var/log/nginx/error.log; Caddy: its output); check that upstream: homeport check URL",
        Sureness.LIKELY,
        title="the proxy got no valid answer from the server behind it",
    )


RULE = Rule(
    id="H8",
    title="the proxy does not reach the server behind it",
    layer=Layer.APPLICATION,
    symptom="502 Bad Gateway",
    looks_for="502, and nobody listens where the proxy's configuration passes the request on to",
    fix="start the server behind the proxy, or correct the address",
    judge=_judge,
)
