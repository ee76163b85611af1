"""A service of which only host and port are known: it is asked what it speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.see.diagnose.case import Case, Talk
from homeport.see.identify.catalog import protocols
from homeport.see.identify.conversation import conversation, identity_of
from homeport.see.identify.suspects import Suspicion, suspicion
from homeport.wire.exchange import Conversation, Ended, Heard

if TYPE_CHECKING:
    from homeport.wire.exchange import Turn

_NOTHING = Heard(b"", Ended.SILENT)


def converse(case: Case) -> Conversation[Talk]:
    """Asks until something is understood; the first thing that was heard is what counts else."""
    listener = case.listener
    suspected = Suspicion(()) if listener is None else suspicion(listener, protocols())
    asking = conversation(suspected, protocols())
    last = _NOTHING
    try:
        turn: Turn = next(asking)
        while True:
            heard = yield turn
            last = heard if heard.data or last is _NOTHING else last
            turn = asking.send(heard)
    except StopIteration as stop:
        identity = identity_of(stop.value, suspected) if stop.value else None
        return Talk(last, healthy=identity is not None, identity=identity)
