"""G2: Homeport's gateway answers, and the service behind the name is not ready."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.home import service_words
from homeport.model.route import ServiceState
from homeport.see.diagnose.leased import at_gateway, service_evidence
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case

_SERVES = (ServiceState.READY, ServiceState.UNHEALTHY)
_COMES = (ServiceState.STARTING, ServiceState.WAITING)


def _judge(case: Case) -> Verdict | None:
    found = case.home.behind(case.service.host) if at_gateway(case) else None
    if found is None or not case.connected or (case.talk is not None and case.talk.healthy):
        return None
    project, service = found
    if service.state in _SERVES:
        return None
    words, logs = service_words(project, service), case.home.command("logs", project, service)
    start = case.home.command("up", project, service)
    coming = service.state in _COMES or (service.lazy and service.state is ServiceState.STOPPED)
    return Verdict(
        (
            f"{case.service.host} leads to {words}, by Homeport's gateway",
            *service_evidence(project, service),
        ),
        f"wait for it; {logs} shows what it says" if coming else f"{start}\n{logs}",
        title=f"{words} is being started" if coming else f"{words} does not run",
    )


RULE = Rule(
    id="G2",
    title="the service behind the name is not ready",
    layer=Layer.OWNER,
    symptom="503 from Homeport's gateway, or no answer while a service starts",
    looks_for="how the supervisor says the service is that has the name at the gateway",
    fix="start it: homeport up NAME; homeport logs NAME shows why it does not run",
    judge=_judge,
)
