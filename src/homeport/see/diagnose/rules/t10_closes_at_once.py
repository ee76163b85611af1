"""T10: the server closes the connection before it has said anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import pulse_words
from homeport.see.explain.names import who
from homeport.wire.exchange import Ended

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    talk = case.talk
    if talk is None or not case.ended_without_a_byte:
        return None
    how = "reset (RST)" if talk.heard.ended is Ended.RESET else "closed (FIN)"
    listener = case.listener
    held = () if listener is None else (f"it is held by {who(listener)}",)
    return Verdict(
        (
            f"connected, and {how} after {talk.heard.elapsed_ms} ms without a byte",
            *held,
            *(pulse_words(case, each) for each in case.pulses[:_MOST_TOLD]),
        ),
        "its log says why: an address that it does not allow, a handler that crashes, another "
        f"protocol than asked for (homeport ls --identify --port {case.port})",
        Sureness.LIKELY,
    )


_MOST_TOLD = 3


RULE = Rule(
    id="T10",
    title="the server closes every connection at once",
    layer=Layer.TCP,
    symptom="EOF or ECONNRESET without a byte, right after connecting",
    looks_for="FIN or RST before any byte, the server alive and its queue empty",
    fix="its log; a list of allowed addresses; a handler that crashes",
    judge=_judge,
    general=True,
)
