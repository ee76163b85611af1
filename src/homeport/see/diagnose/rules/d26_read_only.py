"""D26: the client insists on a server that takes writes, and this one is read-only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.refusals import told_connection
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    talk = case.talk
    why = None if talk is None or talk.healthy else talk.fact("read only")
    if why is None:
        return None
    return Verdict(
        (
            *told_connection(case),
            f"the login succeeded; the server is read-only: {why}",
            f"the URL wants target_session_attrs={case.service.option('target_session_attrs')}",
        ),
        "connect to the primary; or, if this was to become it: SELECT pg_promote()",
    )


RULE = Rule(
    id="D26",
    title="the client wants to write, and the server is read-only",
    layer=Layer.APPLICATION,
    symptom="session is read-only; cannot execute INSERT in a read-only transaction",
    looks_for="in_hot_standby or default_transaction_read_only, and target_session_attrs",
    fix="connect to the primary",
    judge=_judge,
)
