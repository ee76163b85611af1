"""P1: the server answers, and not in HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import quoted
from homeport.wire.exchange import Ended
from homeport.wire.http1 import looks_like_http
from homeport.wire.http2 import read_settings, says_goaway

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    talk = case.talk
    if talk is None or not case.service.is_http or talk.response or talk.identity:
        return None
    data = talk.heard.data
    if not data or (talk.secured is not None and talk.secured.tls is not None):
        return None
    if data[:2] == b"\x15\x03" or read_settings(data) is not None or says_goaway(data):
        return None
    if talk.heard.ended is Ended.RESET or (
        looks_like_http(data) and talk.heard.ended is Ended.SILENT
    ):
        return None
    begins = looks_like_http(data)
    told = "its head is broken" if begins else "it does not begin with a status line (RFC 9112, 4)"
    return Verdict(
        (f"{len(data)} bytes came: {quoted(data[:80].decode('latin-1'))}", told),
        "let the server begin its answer with: HTTP/1.1 200 OK; or is it no web server at all? "
        f"homeport ls --identify --port {case.port}",
        title="the head of the server's answer is broken" if begins else None,
    )


RULE = Rule(
    id="P1",
    title="the server answers, and not in HTTP",
    layer=Layer.PROTOCOL,
    symptom="“Received HTTP/0.9 when not allowed”, BadStatusLine, Parse Error: Expected HTTP/",
    looks_for="bytes came that begin with no status line, of no protocol that is known",
    fix="let the server begin with a status line: HTTP/1.1 200 OK",
    judge=_judge,
)
