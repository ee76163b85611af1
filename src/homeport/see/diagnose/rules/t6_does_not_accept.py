"""T6: the server sleeps elsewhere, and accepts no connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.at_server import (
    explained_by_state,
    others,
    queue_is_full,
    responsible,
    told_outgoing,
    told_queue,
    told_stage,
    told_waits,
    unaccepted,
    workers,
)
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import pulse_words

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    found = responsible(case)
    if not unaccepted(case) or queue_is_full(case) or not found or explained_by_state(case):
        return None
    holding = {owner.pid for each in others(case) for owner in each.owners}
    if all(each.pid in holding for each in workers(case)):
        return None
    return Verdict(
        (
            *told_stage(case),
            *told_queue(case),
            *(pulse_words(case, each) for each in found),
            *told_waits(case),
            *told_outgoing(case),
        ),
        f"see where it sleeps: py-spy dump --pid {found[0].pid}, gdb -p {found[0].pid} -ex bt; "
        "then restart it",
    )


RULE = Rule(
    id="T6",
    title="the server does not accept connections: it is blocked",
    layer=Layer.OWNER,
    symptom="connected, and then nothing",
    looks_for="our connection waits to be accepted, while the process sleeps and holds no other",
    fix="see where it sleeps (py-spy dump, gdb -p), restart it",
    judge=_judge,
)
