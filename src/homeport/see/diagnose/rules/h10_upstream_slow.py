"""H10: the server behind the proxy does not answer in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.web_words import answer, answer_words

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    response = answer(case)
    if response is None or response.status != 504 or case.talk is None:
        return None
    told = [
        *answer_words(case),
        f"that took {case.talk.heard.elapsed_ms} ms: as long as the proxy waits",
    ]
    told += [
        f"it passes the request on to {each.place} ({each.where})" for each in case.upstreams[:4]
    ]
    told += [f"{each.held_by} listens there" for each in case.upstreams if each.held_by][:2]
    place = case.upstreams[0].place if case.upstreams else "the upstream"
    return Verdict(
        tuple(told),
        f"check the server behind it, without the proxy: homeport check http://{place}"
        f"{case.service.path.partition('?')[0]}; if it needs its time, raise proxy_read_timeout",
        Sureness.SURE if case.upstreams else Sureness.LIKELY,
    )


RULE = Rule(
    id="H10",
    title="the server behind the proxy does not answer in time",
    layer=Layer.APPLICATION,
    symptom="504 Gateway Timeout, after exactly the time that the proxy waits",
    looks_for="504, and how long it took; the upstream's listener",
    fix="find what the server behind the proxy waits for",
    judge=_judge,
)
