"""T3: the server is stopped: Ctrl-Z, a signal, a debugger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.host.pulse import process_name
from homeport.model.diagnosis import Layer
from homeport.see.diagnose.at_server import (
    queue_is_full,
    responsible,
    stalled,
    told_queue,
    told_stage,
)
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import pulse_words, told_attempts

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    found = responsible(case)
    if not found or not (stalled(case) or queue_is_full(case)):
        return None
    if not all(each.stopped for each in found):
        return None
    traced = next((each for each in found if each.tracer), None)
    told = tuple(pulse_words(case, each) for each in found)
    evidence = (*told_attempts(case)[-1:], *told_stage(case), *told_queue(case), *told)
    if traced is not None:
        debugger = process_name(traced.tracer)
        return Verdict(
            (*evidence, f"process {traced.tracer} ({debugger or 'a debugger'}) traces it"),
            f"go on in the debugger (continue), or end it: kill {traced.tracer}",
            title="the server process is held by a debugger",
        )
    return Verdict(evidence, f"kill -CONT {' '.join(str(each.pid) for each in found)}")


RULE = Rule(
    id="T3",
    title="the server process is stopped",
    layer=Layer.OWNER,
    symptom="connected, and then nothing; or a timeout once its queue is full",
    looks_for="state T (stopped) or t (traced) of every process that could take the connection",
    fix="kill -CONT PID, or let the debugger go on",
    judge=_judge,
)
