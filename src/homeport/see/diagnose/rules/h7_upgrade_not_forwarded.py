"""H7: the proxy does not pass the WebSocket handshake on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.web_words import answer, answer_words

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case, Upstream


def _judge(case: Case) -> Verdict | None:
    response = answer(case)
    if response is None or case.service.scheme not in {"ws", "wss"} or response.status == 101:
        return None
    behind = next((each for each in case.upstreams if each.upgrades is False or _well(each)), None)
    if behind is None or not (behind.listens or behind.listens is None):
        return None
    told = [*answer_words(case), f"the request is passed on to {behind.place} ({behind.where})"]
    if behind.upgrades is False:
        told.append("no proxy_set_header of this location passes Upgrade on")
    if behind.answer is not None:
        told.append(f"asked directly, {behind.place} answers {behind.answer.line}")
    return Verdict(
        tuple(told),
        "in that location: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; "
        'proxy_set_header Connection "upgrade";  then nginx -s reload',
        Sureness.SURE if _well(behind) else Sureness.LIKELY,
        tell_apart=f"ask without the proxy: homeport check ws://{behind.place}{case.service.path}",
    )


def _well(behind: Upstream) -> bool:
    return behind.answer is not None and behind.answer.status == 101


RULE = Rule(
    id="H7",
    title="the proxy does not pass the WebSocket handshake on",
    layer=Layer.APPLICATION,
    symptom="404, 400 or 426 instead of 101 through the proxy, 101 when asked directly",
    looks_for="nginx's configuration passes no Upgrade header, or its upstream answers 101 "
    "without it",
    fix="nginx: proxy_http_version 1.1 and the headers Upgrade and Connection",
    judge=_judge,
)
