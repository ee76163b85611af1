"""P0: the last resort for a client that is no browser: whatever came is not its protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.see.diagnose.dialects import without_secret
from homeport.see.diagnose.refusals import spoken, told_connection
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import quoted
from homeport.wire.exchange import Ended

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case

_ENDED = {
    Ended.SILENT: "nothing came within the time that a client waits",
    Ended.CLOSED: "the other side closed the connection without a word",
    Ended.RESET: "the other side reset the connection without a word",
}


def _judge(case: Case) -> Verdict | None:
    talk = case.talk
    if case.service.is_http or case.connected is None:
        return None
    if talk is not None and (talk.healthy or talk.error is not None):
        return None
    if case.service.scheme is None and talk is not None and talk.heard.data:
        return None  # somebody is there, and nobody has said what it should be
    wanted = spoken(case) or "any protocol that homeport knows"
    return Verdict(
        (*told_connection(case), f"spoken to as a client of {wanted}: {_came(case)}"),
        f"is it the right port? homeport ls --identify --port {case.port}; if it is, the server's "
        "log tells more",
        Sureness.LIKELY,
        title=None if case.service.scheme else "nothing that the port says can be understood",
    )


def _came(case: Case) -> str:
    if case.talk is None:
        return "it was not over in the time there is"
    heard = case.talk.heard
    if heard.data:
        text = without_secret(case.service, heard.data[:512].decode("latin-1"))
        said = "".join(map(_shown, text[:60]))
        return f"{len(heard.data)} bytes came, which are no answer: {quoted(said)}"
    return _ENDED.get(heard.ended, heard.why or f"the end was: {heard.ended}")


def _shown(letter: str) -> str:
    return letter if letter.isprintable() else "."


RULE = Rule(
    id="P0",
    title="the server does not answer in the client's protocol",
    layer=Layer.PROTOCOL,
    symptom="a timeout, an unexpected end of the connection, a protocol error",
    looks_for="a connection that came about, and no answer of the protocol; nothing was recognised",
    fix="find out what the port speaks, and what the server's log says",
    judge=_judge,
    general=True,
)
