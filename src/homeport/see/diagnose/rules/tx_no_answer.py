"""TX: what is left where a connection came about and brought nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.see.diagnose.at_server import (
    queue_is_full,
    stalled,
    told_queue,
    told_stage,
)
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import pulse_words, told_attempts

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    nowhere = case.connected is None and queue_is_full(case)
    if not stalled(case) and not nowhere:
        return None
    pid = case.pulses[0].pid if case.pulses else "PID"
    unknown = ("nothing that homeport knows to say is answered",) if _is_unknown(case) else ()
    hidden = () if case.pulses else ("the processes that hold the listener are hidden",)
    look = f"see what the server does: its log, strace -f -p {pid}; as root homeport sees more"
    if _is_unknown(case):
        look += "; if it speaks a protocol of its own, this is no fault: ask it with its own client"
    return Verdict(
        (
            *told_attempts(case)[-1:],
            *told_stage(case),
            *told_queue(case),
            *(pulse_words(case, each) for each in case.pulses[:_MOST_TOLD]),
            *hidden,
            *unknown,
        ),
        look,
        Sureness.LIKELY,
    )


def _is_unknown(case: Case) -> bool:
    return case.service.scheme is None and case.connected is not None


_MOST_TOLD = 3


RULE = Rule(
    id="TX",
    title="connected, and no answer comes",
    layer=Layer.TCP,
    symptom="connected, and then nothing",
    looks_for="a connection without a byte, and nothing that tells why",
    fix="see what the server does: its log, strace -p",
    judge=_judge,
    general=True,
)
