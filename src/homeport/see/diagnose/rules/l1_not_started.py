"""L1: nobody listens on the port, anywhere on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.case import Outcome
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import told_attempts

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    if case.connected or case.listener is not None or not case.outcomes(Outcome.REFUSED):
        return None
    told = [*told_attempts(case), f"nobody listens on {case.service.place}"]
    others = [f"on port {case.port} there is {each.endpoint}" for each in case.here]
    if not others:
        told.append(f"no listener, no bound socket and no process names port {case.port}")
    return Verdict((*told, *others), f"start the service that should listen on port {case.port}")


RULE = Rule(
    id="L1",
    title="nothing listens there: the service is not started",
    layer=Layer.LISTENER,
    symptom="ECONNREFUSED",
    looks_for="no listener of the port in any namespace, no bound socket, no process that names it",
    fix="start it",
    judge=_judge,
    general=True,
)
