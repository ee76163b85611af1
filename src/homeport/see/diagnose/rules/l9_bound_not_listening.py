"""L9: a socket is bound to the port, and listen() was never called on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.case import Outcome
from homeport.see.diagnose.leased import held
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import told_attempts
from homeport.see.explain.names import who

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    if case.connected or case.here or not case.bound or not case.outcomes(Outcome.REFUSED):
        return None
    if held(case) is not None:
        return None  # L27 tells of it
    holder = case.bound[0]
    return Verdict(
        (
            *told_attempts(case),
            (
                f"{who(holder)} has bound {holder.local}, and does not listen: the kernel knows "
                "the socket as bound and inactive"
            ),
        ),
        "the server has called bind(), and not yet listen(): read its start-up code and its log",
    )


RULE = Rule(
    id="L9",
    title="the port is bound, and nobody listens on it",
    layer=Layer.LISTENER,
    symptom="ECONNREFUSED, and binding the port says it is in use",
    looks_for="a TCP socket that is bound and inactive (sock_diag, Linux 6.8 and later)",
    fix="the server has to call listen()",
    judge=_judge,
)
