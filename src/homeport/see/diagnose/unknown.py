"""A service of which only host and port are known: it is asked what it speaks, and then that.

A database that is recognised is greeted as its client does, without a login: one that is full, or
still loads, is recognised too. That it wants a login is no fault, where nobody said which.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.see.diagnose.case import Case, Talk
from homeport.see.diagnose.catalog import dialect
from homeport.see.identify.catalog import protocols
from homeport.see.identify.conversation import conversation, identity_of
from homeport.see.identify.suspects import Suspicion, suspicion
from homeport.wire import mysql
from homeport.wire.exchange import Conversation, Ended, Heard

if TYPE_CHECKING:
    from homeport.model.identity import Identity
    from homeport.wire.exchange import Turn

_ASKED_ON = {
    "redis": frozenset({"MISCONF", "LOADING", "BUSY", "DENIED", "MASTERDOWN"}),
    "postgresql": frozenset({"53300", "57P01", "57P02", "57P03", "53100", "53200"}),
}
"""Protocols whose servers are recognised even when they serve nobody, and how they say so."""

_NOTHING = Heard(b"", Ended.SILENT)


def converse(case: Case) -> Conversation[Talk]:
    """Asks until something is understood; the first thing that was heard is what counts else."""
    listener = case.listener
    suspected = Suspicion(()) if listener is None else suspicion(listener, protocols())
    asking = conversation(suspected, protocols())
    last = _NOTHING
    identity: Identity | None = None
    try:
        turn: Turn = next(asking)
        while True:
            heard = yield turn
            last = heard if heard.data or last is _NOTHING else last
            turn = asking.send(heard)
    except StopIteration as stop:
        identity = identity_of(stop.value, suspected) if stop.value else None
    talk = Talk(last, healthy=identity is not None, identity=identity)
    if identity is not None and identity.protocol == "mysql":
        return _greeted(talk)
    if identity is None or identity.tls is not None or identity.protocol not in _ASKED_ON:
        return talk
    return (yield from _asked_on(case, talk, identity.protocol))


def _greeted(talk: Talk) -> Talk:
    """MySQL says so in place of its greeting; a login would only be one more that fails."""
    packet = mysql.read_packet(talk.heard.data)
    error = None if packet is None else mysql.read_error(packet.payload)
    if error is None:
        return talk
    return talk._replace(healthy=False, error=error, facts=(*talk.facts, ("spoken", "mysql")))


def _asked_on(case: Case, talk: Talk, protocol: str) -> Conversation[Talk]:
    """What a client without a login is told; only what is wrong with the server counts."""
    spoken = dialect(protocol)
    if spoken is None:
        return talk
    more = yield from spoken.converse(case.service._replace(scheme=protocol))
    code, text = more.error or ("", "")
    ours = code in _ASKED_ON[protocol] or "max number of clients" in text
    if not ours and more.fact("memory full") is None:
        return talk
    return more._replace(identity=talk.identity, facts=(*more.facts, ("spoken", protocol)))
