"""T4: the server computes, and takes or answers nothing meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.at_server import (
    is_computing,
    others,
    peer_words,
    queue_is_full,
    responsible,
    stalled,
    told_queue,
    told_stage,
    workers,
)
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import pulse_words, told_attempts

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    found = responsible(case)
    if not found or not (stalled(case) or queue_is_full(case)):
        return None
    computing = [each for each in found if is_computing(case, each)]
    if not computing or any(each.stopped or each.frozen for each in found):
        return None
    # Where several may accept and some are idle, those that compute are no reason.
    wanted = {each.pid for each in workers(case)}
    idle = [each for each in found if each.pid in wanted and not is_computing(case, each)]
    if idle:
        return None
    top = computing[0]
    return Verdict(
        (
            *told_attempts(case)[-1:],
            *told_stage(case),
            *told_queue(case),
            *(pulse_words(case, each) for each in computing),
            *(f"it is held by {peer_words(case, each)}" for each in others(case)[:_MOST_TOLD]),
        ),
        f"py-spy dump --pid {top.pid}, perf top -p {top.pid}; let that run in "
        "a thread or a process of its own",
    )


_MOST_TOLD = 3


RULE = Rule(
    id="T4",
    title="the server is busy computing",
    layer=Layer.OWNER,
    symptom="connected, and then nothing, for as long as it lasts",
    looks_for="the process uses a processor all the time, and our connection waits for it",
    fix="profile it (py-spy top --pid PID), move the work out of the event loop",
    judge=_judge,
)
