"""G4: nobody listens on a port of Homeport's gateway: it runs while services do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.home import HOME_PORTS
from homeport.see.diagnose.case import Outcome
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import told_attempts

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    if case.port not in HOME_PORTS or case.here or not case.outcomes(Outcome.REFUSED):
        return None
    if not case.is_loopback or case.client.namespace is not None:
        return None
    other = sorted(case.home.gateway_ports - {case.port})
    names = case.service.scheme or "http"
    return Verdict(
        (
            *told_attempts(case),
            f"{case.port} is a port of Homeport's gateway ({HOME_PORTS}), and nobody listens there",
        ),
        f"yours has another port: {names}://{case.service.host}:{other[0]}"
        if other
        else "homeport up, in the project; the gateway ends with the last service",
    )


RULE = Rule(
    id="G4",
    title="Homeport's gateway does not run",
    layer=Layer.LISTENER,
    symptom="ECONNREFUSED at a name below localhost with port 62893",
    looks_for="a port of the gateway's own range on which nobody listens",
    fix="start a project's services: homeport up",
    judge=_judge,
)
