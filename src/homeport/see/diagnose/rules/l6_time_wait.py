"""L6: the port cannot be bound, for closed connections in TIME-WAIT still hold it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.explanation import BindVerdict
from homeport.model.sockets import TcpState
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case

_MILLISECONDS = 1000


def _judge(case: Case) -> Verdict | None:
    wanted = case.wanted
    if wanted is None or wanted.plain is not BindVerdict.TAKEN or case.here or case.bound:
        return None
    held = [each for each in case.snapshot.connections if each.local_port == case.port]
    waiting = [each for each in held if each.state is TcpState.TIME_WAIT]
    if not waiting or len(waiting) < len(held):
        return None
    left_s = max(each.timer_ms or 0 for each in waiting) // _MILLISECONDS
    return Verdict(
        (
            f"nobody listens on port {case.port}, and bind(2) says EADDRINUSE",
            f"{len(waiting)} closed connections of it are in TIME-WAIT, the last for {left_s} s",
        ),
        f"set SO_REUSEADDR before bind(), as servers do; or wait {left_s} s",
    )


RULE = Rule(
    id="L6",
    title="closed connections in TIME-WAIT still hold the port",
    layer=Layer.LISTENER,
    symptom="EADDRINUSE on bind, while nobody listens",
    looks_for="no listener, and connections in TIME-WAIT with the port at this end; with --bind",
    fix="SO_REUSEADDR, or a minute of patience",
    judge=_judge,
)
