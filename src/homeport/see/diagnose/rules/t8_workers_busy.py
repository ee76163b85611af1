"""T8: every worker is busy with another connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.at_server import (
    explained_by_state,
    others,
    peer_words,
    responsible,
    told_queue,
    told_stage,
    told_waits,
    unaccepted,
    workers,
)
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import told_attempts
from homeport.see.explain.names import listed

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    found = responsible(case)
    if not unaccepted(case) or not found or explained_by_state(case):
        return None
    held = others(case)
    holding = {owner.pid for each in held for owner in each.owners}
    all_of_them = workers(case)
    if not held or not all(each.pid in holding for each in all_of_them):
        return None
    count = len(all_of_them)
    what = "the one process of the server holds" if count == 1 else f"each of {count} workers holds"
    quiet = [each for each in held if not each.receive_queue and not each.send_queue]
    full = [each for each in held if each.send_queue]
    return Verdict(
        (
            *told_attempts(case)[-1:],
            *told_stage(case),
            *told_queue(case),
            f"{what} another connection: that of {listed(peer_words(case, each) for each in held)}",
            *((f"{len(full)} of them do not read what the server sends",) if full else ()),
            *told_waits(case),
        ),
        "more workers or threads (gunicorn --workers 4 --threads 8), an asynchronous server, or a "
        "timeout for slow requests" + (": see what these clients wait for" if quiet else ""),
        title=None if count > 1 else "the server serves one connection at a time, and has one",
    )


RULE = Rule(
    id="T8",
    title="all workers of the server are busy with other connections",
    layer=Layer.OWNER,
    symptom="connected, and then nothing until one of them is free",
    looks_for="our connection waits to be accepted, and every worker holds another one",
    fix="more workers, or an asynchronous server",
    judge=_judge,
)
