"""What the rules say of ports that Homeport itself has leased, and of the services on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.see.diagnose.case import is_tcp
from homeport.see.diagnose.words import quoted
from homeport.see.explain.homes import state_words
from homeport.wire.secrets import masked

if TYPE_CHECKING:
    from homeport.model.home import Held
    from homeport.model.sockets import Listener
    from homeport.model.status import ProjectStatus, ServiceStatus
    from homeport.see.diagnose.case import Case

_MOST_LINES = 3


def held(case: Case) -> Held | None:
    """The lease of Homeport's that the port has."""
    return case.home.at(case.port) if _is_here(case) else None


def at_gateway(case: Case) -> bool:
    """Whether the port is that of Homeport's own gateway."""
    return _is_here(case) and case.port in case.home.gateway_ports


def _is_here(case: Case) -> bool:
    return case.client.namespace is None and (case.is_loopback or case.wanted is not None)


def service_evidence(project: ProjectStatus, service: ServiceStatus) -> tuple[str, ...]:
    """How a service is, as its supervisor tells, what it said last, and what `check` did."""
    told = [f"homeport up (pid {project.pid}) says that {service.name} {state_words(service)}"]
    lines = [line for line in service.last_lines if line.strip()][-_MOST_LINES:]
    told += [f"it said: {quoted(masked(line))}" for line in lines]
    if service.advice is not None:
        told.append(f"when it failed: {service.advice}")
    return tuple(told)


def listens_elsewhere(case: Case) -> tuple[Listener, ...]:
    """On which other ports the program of the service that has the port listens."""
    found = held(case)
    pid = None if found is None or found.service is None else found.service.pid
    if pid is None:
        return ()
    own = case.own_netns
    return tuple(
        each
        for each in case.snapshot.listeners
        if is_tcp(each)
        and each.endpoint.port != case.port
        and (not own or each.netns in own)
        and any(pid in {o.pid, *(up.pid for up in o.ancestry or ())} for o in each.owners)
    )
