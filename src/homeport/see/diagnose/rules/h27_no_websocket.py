"""H27: the server does not change to WebSocket at this path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.web_words import answer, answer_words, shown
from homeport.see.diagnose.words import quoted

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case
    from homeport.wire.http1 import Response

_OTHERS = (101, 401, 403, 407, 413, 421, 429, 500, 501, 502, 503, 504)


def _judge(case: Case) -> Verdict | None:
    response, talk = answer(case), case.talk
    if response is not None and response.status == 426 and case.service.scheme in {"http", "https"}:
        return _wants_upgrade(case, response)
    if response is None or talk is None or case.service.scheme not in {"ws", "wss"}:
        return None
    if response.status in _OTHERS:
        return None
    if any(each.upgrades is False for each in case.upstreams):
        return None  # H7 tells of it
    plain = next(
        (each.response for each in talk.again if each.response and each.url == case.service.path),
        None,
    )
    told = [f"asked for as a page, the same path is answered with {plain.line}"] if plain else []
    wants = response.headers.get("sec-websocket-version")
    told += [f"it speaks version {quoted(wants, 20)} of the protocol"] if wants else []
    return Verdict(
        (*answer_words(case), "a server of WebSocket answers 101 Switching Protocols", *told),
        "is it the path of the WebSocket (/ws, /socket.io/?EIO=4&transport=websocket)? Does the "
        "server have its part installed (uvicorn: pip install 'uvicorn[standard]')? Does it want a "
        "subprotocol, or an Origin? Its log says so",
    )


def _wants_upgrade(case: Case, response: Response) -> Verdict:
    to = response.headers.get("upgrade", "websocket")
    websocket = to.lower() == "websocket"
    scheme = "wss" if case.service.over_tls else "ws"
    return Verdict(
        (*answer_words(case), f"Upgrade: {quoted(to, 40)}"),
        f"use a client of WebSocket: {scheme}://{case.service.place}{shown(case.service.path)}"
        if websocket
        else f"use a client that speaks {quoted(to, 40)}",
        title="the path speaks WebSocket, and is asked for a page" if websocket else None,
    )


RULE = Rule(
    id="H27",
    title="the server does not change to WebSocket at this path",
    layer=Layer.APPLICATION,
    symptom="400, 404, 426 or 200 instead of 101 Switching Protocols",
    looks_for="an answer to the handshake that is not 101",
    fix="correct the path; a proxy in between has to pass Upgrade on; check origin and subprotocol",
    judge=_judge,
)
