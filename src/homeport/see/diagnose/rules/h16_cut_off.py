"""H16: the answer ends before it is whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.web_words import answer
from homeport.see.diagnose.words import quoted
from homeport.wire.exchange import Ended

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    talk, response = case.talk, answer(case)
    if (
        talk is None
        or response is None
        or response.complete
        or talk.heard.ended is not Ended.CLOSED
    ):
        return None
    if (
        response.status == 101
        or talk.healthy
        or (response.broken and "peer closed" not in response.broken)
    ):
        return None
    length = response.headers.get("content-length")
    told = (
        f"Content-Length announces {quoted(length, 20)} bytes, and {len(response.body)} came "
        "before the end"
        if length
        else f"the body comes in chunks (RFC 9112, 7.1), and ends after {len(response.body)} bytes "
        "without the last one"
    )
    return Verdict(
        (
            f"the answer begins well: {response.line}",
            told,
            "the server has closed the connection (FIN)",
        ),
        "the server breaks off while it writes, or announces more than it has: read its log; if it "
        "sets Content-Length itself, take the number of bytes, not of characters",
    )


RULE = Rule(
    id="H16",
    title="the answer ends before it is whole",
    layer=Layer.PROTOCOL,
    symptom="transfer closed with outstanding read data, IncompleteRead, "
    "ERR_CONTENT_LENGTH_MISMATCH",
    looks_for="the connection ends in the middle of a body: fewer bytes than Content-Length, or "
    "no last chunk",
    fix="the server, or a proxy, gives up while it answers: read its log",
    judge=_judge,
)
