"""L27: the port is held by a lease of Homeport's, and nobody serves there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.explanation import BindVerdict
from homeport.model.route import ServiceState
from homeport.see.diagnose.case import Outcome
from homeport.see.diagnose.leased import held, listens_elsewhere, service_evidence
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import told_attempts

if TYPE_CHECKING:
    from homeport.model.home import Held
    from homeport.see.diagnose.case import Case

_SAYS_THAT_IT_SERVES = (ServiceState.READY, ServiceState.UNHEALTHY)


def _judge(case: Case) -> Verdict | None:
    lease = held(case)
    if lease is None or case.here or case.connected:
        return None
    if case.wanted is not None:
        return None if case.wanted.plain is BindVerdict.FREE else _to_bind(case, lease)
    if not case.outcomes(Outcome.REFUSED) or any(each.inode for each in case.sightings):
        return None
    if lease.service is None or lease.project is None:
        return _by_hand(case, lease)
    if lease.service.state in _SAYS_THAT_IT_SERVES or listens_elsewhere(case):
        return None
    words, logs = lease.words, case.home.command("logs", lease.project, lease.service)
    title = f"{words} does not run" if lease.service.pid is None else f"{words} is not ready yet"
    start = case.home.command("up", lease.project, lease.service)
    coming = lease.service.state in (ServiceState.STARTING, ServiceState.WAITING)
    fix = f"wait for it; {logs} shows what it says" if coming else f"{start}\n{logs}"
    evidence = (*told_attempts(case), *service_evidence(lease.project, lease.service))
    return Verdict(evidence, fix, title=title)


def _by_hand(case: Case, lease: Held) -> Verdict:
    who = "" if lease.lease.pid is None else f", and process {lease.lease.pid} has it"
    return Verdict(
        (*told_attempts(case), f"the port is leased to {lease.words}{who}; nobody listens on it"),
        f"start the server for which the port was leased, on port {case.port}",
        title="the port is leased, and its server is not started",
    )


def _to_bind(case: Case, lease: Held) -> Verdict:
    told = [f"the port is held by a lease of {lease.words}"]
    if lease.project is not None and lease.service is not None:
        told += service_evidence(lease.project, lease.service)
        free = case.home.command("stop", lease.project, lease.service).rpartition(" ")[0]
    else:
        free = "homeport lease --list"
    return Verdict(
        tuple(told),
        "its own server binds the port under the hold, with SO_REUSEADDR; for another one take "
        f"another port: homeport lease --print\n{free} # gives the port back",
        title="the port is leased to a service",
    )


RULE = Rule(
    id="L27",
    title="the port is leased to a service that does not serve",
    layer=Layer.LISTENER,
    symptom="ECONNREFUSED; EADDRINUSE for a program that the port was not leased to",
    looks_for="a lease of this user's that holds the port, and what its supervisor says of it",
    fix="start the service: homeport up NAME; homeport logs NAME shows why it does not run",
    judge=_judge,
)
