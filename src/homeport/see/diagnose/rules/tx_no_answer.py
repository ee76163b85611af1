"""TX: what is left where a connection came about and brought nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.see.diagnose.at_server import (
    Stage,
    queue_is_full,
    stage,
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
    if case.service.scheme is None and stage(case) in (Stage.READ, Stage.UNREAD):
        return None  # of an unknown protocol it is not known who speaks next
    pid = case.pulses[0].pid if case.pulses else "PID"
    hidden = () if case.pulses else ("the processes that hold the listener are hidden",)
    return Verdict(
        (
            *told_attempts(case)[-1:],
            *told_stage(case),
            *told_queue(case),
            *(pulse_words(case, each) for each in case.pulses[:_MOST_TOLD]),
            *hidden,
        ),
        f"see what the server does: its log, strace -f -p {pid}; as root homeport sees more",
        Sureness.LIKELY,
    )


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
