"""What is known of a port number, whoever may have it."""

from __future__ import annotations

from homeport.model.explanation import PortFacts, RegisteredService
from homeport.model.port import port_class
from homeport.see.explain.browser_ports import browsers_refuse
from homeport.see.explain.usual_ports import usual_for
from homeport.wire.services import parse_services

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.see.explain.facts import Facts


def port_facts(port: int, facts: Facts) -> PortFacts:
    """The port's class and names, and how this kernel and this user stand to it."""
    policy = facts.policy
    privileged = None if policy is None else port < policy.unprivileged_from
    return PortFacts(
        port=port,
        port_class=port_class(port),
        registered=_registered(port, facts.services),
        usual=usual_for(port),
        assigned_from=None if policy is None else policy.assigned,
        assigned=None if policy is None else policy.assigns(port),
        reserved=None if policy is None else policy.is_reserved(port),
        privileged=privileged,
        may_bind=None if privileged is None else not privileged or facts.may_bind_any_port,
        browsers_refuse=browsers_refuse(port),
    )


def _registered(port: int, services: bytes | None) -> tuple[RegisteredService, ...] | None:
    if services is None:
        return None
    return tuple(entry for entry in parse_services(services) if entry.port == port)


def ports_named(name: str, services: bytes | None) -> tuple[RegisteredService, ...]:
    """The entries of the services database with this name or alias."""
    wanted = name.lower()
    return tuple(
        entry
        for entry in parse_services(services or b"")
        if wanted in (entry.name.lower(), *map(str.lower, entry.aliases))
    )
