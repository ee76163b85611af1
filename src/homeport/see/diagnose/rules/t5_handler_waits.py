"""T5: the server has taken the request, and its handler waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.see.diagnose.at_server import (
    NO_HANDSHAKE,
    Stage,
    explained_by_state,
    responsible,
    stage,
    stalled,
    told_outgoing,
    told_stage,
    told_waits,
    unsent,
)
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import pulse_words

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    found = stage(case)
    if found not in (Stage.READ, Stage.UNREAD) or not stalled(case) or unsent(case):
        return None
    if explained_by_state(case) or not responsible(case):
        return None
    if case.service.scheme is None and found is Stage.READ:
        return None  # of an unknown protocol it is not known who speaks next
    said = case.talk is not None and case.talk.heard.why != NO_HANDSHAKE
    pid = responsible(case)[0].pid
    return Verdict(
        (
            *told_stage(case),
            *(pulse_words(case, each) for each in responsible(case)),
            *told_waits(case),
            *told_outgoing(case),
        ),
        f"see where it waits: py-spy dump --pid {pid}, gdb -p {pid} -ex 'thread apply all bt'; a "
        "lock, a database, another service; a timeout there turns it into an error",
        Sureness.LIKELY,
        title=None if found is Stage.READ or not said else _UNREAD,
        tell_apart="does the answer come after all? curl -m 60; if it does, the handler is slow",
    )


_UNREAD = "the server has accepted the connection, and does not read from it"


RULE = Rule(
    id="T5",
    title="the server has taken the request, and does not answer",
    layer=Layer.OWNER,
    symptom="connected, and then nothing",
    looks_for="our connection is accepted, the process sleeps; in what its threads wait",
    fix="see where the handler waits (py-spy dump); a lock, a database, another service",
    judge=_judge,
)
