"""T1: the queue of connections that wait to be accepted is full."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.see.diagnose.at_server import (
    explained_by_state,
    listeners_now,
    others,
    queue_is_full,
    responsible,
    told_queue,
    told_waits,
    workers,
)
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import pulse_words, told_attempts

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    full = [
        each
        for each in listeners_now(case)
        if each.backlog is not None and each.queue > each.backlog
    ]
    overflows = 0 if case.counters is None else case.counters.overflows
    reset = case.ended_without_a_byte and overflows > 0
    if not full or not (queue_is_full(case) or reset) or explained_by_state(case):
        return None
    holding = {owner.pid for each in others(case) for owner in each.owners}
    if holding and all(each.pid in holding for each in workers(case)):
        return None  # then T8 knows more
    pid = case.pulses[0].pid if case.pulses else "PID"
    aborts = case.machine.abort_on_overflow
    return Verdict(
        (
            *told_attempts(case)[-1:],
            *told_queue(case),
            f"the kernel found accept queues full {overflows} times meanwhile (ListenOverflows)",
            *(pulse_words(case, each) for each in responsible(case)),
            *told_waits(case),
            *(("tcp_abort_on_overflow is 1: some clients see a reset instead",) if aborts else ()),
        ),
        f"find why the server does not accept (py-spy dump --pid {pid}); a burst needs more room: "
        "listen(511) in the server and sysctl -w net.core.somaxconn=4096",
        Sureness.SURE if overflows else Sureness.LIKELY,
        tell_apart="nstat -az TcpExtListenOverflows, before and after a connection",
    )


RULE = Rule(
    id="T1",
    title="the accept queue of the server is full",
    layer=Layer.TCP,
    symptom="the connect times out",
    looks_for="more connections in the queue than the backlog allows, ListenOverflows grows",
    fix="find why it does not accept; a larger backlog and somaxconn",
    judge=_judge,
)
