"""T13: the server waits for a disk or a device that does not answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
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
    waited = {each.pid for each in case.before_pulses if each.state == "D"}
    if not all(each.state == "D" and not each.frozen for each in found):
        return None
    sure = all(each.pid in waited for each in found)
    where = [f"pid {each.pid} sleeps in {each.waits_in}" for each in found if each.waits_in]
    return Verdict(
        (
            *told_attempts(case)[-1:],
            *told_stage(case),
            *told_queue(case),
            *(pulse_words(case, each) for each in found),
            *where,
        ),
        f"see what it waits for: cat /proc/{found[0].pid}/stack; see the mounts (NFS, FUSE) and "
        "at dmesg",
        Sureness.SURE if sure and where else Sureness.LIKELY,
    )


RULE = Rule(
    id="T13",
    title="the server waits for a disk or a device",
    layer=Layer.OWNER,
    symptom="connected, and then nothing; the process cannot be killed",
    looks_for="state D, before and after, of all processes that could take it",
    fix="mend the disk, the network file system (mount), or what else it waits for",
    judge=_judge,
)
