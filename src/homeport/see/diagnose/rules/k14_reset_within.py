"""K14: the server resets the connection in the middle of its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import quoted
from homeport.wire.exchange import Ended

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    talk = case.talk
    if talk is None or not case.service.is_http or not talk.heard.data:
        return None
    if talk.heard.ended is not Ended.RESET or talk.identity is not None:
        return None
    response = talk.response
    begins = response.line if response else quoted(talk.heard.data[:40].decode("latin-1"))
    return Verdict(
        (
            f"{len(talk.heard.data)} bytes came: {begins}",
            (
                "then the connection was reset (RST, not FIN): the server has closed it with "
                "data unread, "
                "or has aborted it (SO_LINGER 0), or has died"
            ),
        ),
        "let the server read the whole request before it closes (or shutdown(SHUT_WR), and read "
        "on); "
        "its log says why it answered early: too large a body, a crash of a worker",
    )


RULE = Rule(
    id="K14",
    title="the server resets the connection in the middle of its answer",
    layer=Layer.PROTOCOL,
    symptom="ECONNRESET after some bytes, “Recv failure: Connection reset by peer”",
    looks_for="RST after a beginning of the answer: a server that closes with unread data, or "
    "dies while it writes",
    fix="let the server read the request to its end before it closes; read its log",
    judge=_judge,
)
