"""What of Homeport's own is on this machine, for those who look at ports: leases and services.

`run` knows it and `see` wants to know: here the one is given to the other.
"""

from __future__ import annotations

from homeport.model.endpoint import Transport

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from homeport.model.home import Held, Home
    from homeport.model.lease import LeaseFacts
    from homeport.model.snapshot import Snapshot
    from homeport.model.sockets import Listener
    from homeport.model.status import ProjectStatus, ServiceStatus


def home() -> Home:
    """The leases and the services of this user; supervisors that do not answer at once left out."""
    from homeport.model.errors import HomeportError
    from homeport.model.home import Home
    from homeport.run.leases import listed
    from homeport.run.supervise.client import told_by_all

    projects = told_by_all()
    try:
        leases = listed()
    except HomeportError:
        leases = []  # what keeps leases from being read is told by who takes one
    return Home(tuple(_held(each, projects) for each in leases), projects, _directory())


def _directory() -> str:
    import os

    try:
        return os.getcwd()
    except OSError:
        return "/"  # it was removed


def _held(lease: LeaseFacts, projects: Iterable[ProjectStatus]) -> Held:
    from homeport.model.home import Held

    if lease.key is not None and lease.transport is Transport.TCP:
        for project in projects:
            for service in project.services:
                if service.port == lease.port and project.root == lease.key.root:
                    return Held(lease, project, service)
    return Held(lease)


def with_leases(taken: Snapshot, known: Home | None = None) -> Snapshot:
    """The snapshot with whose leases its listeners have, as `known`, or as the leases alone tell.

    Without any leases that is one look at a directory.
    """
    by_port = _by_port(taken.listeners) if known is None else {}
    if known is None and not by_port:
        return taken
    # Leases are of this network namespace; the same port of another one is another port.
    own = {each.inode for each in taken.namespaces if each.own}
    listeners = tuple(
        each if own and each.netns not in own else _with_lease(each, known, by_port)
        for each in taken.listeners
    )
    return taken._replace(listeners=listeners)


def _by_port(listeners: Iterable[Listener]) -> dict[tuple[Transport, int], LeaseFacts]:
    from homeport.host.files import exists, leases_dir

    if not exists(leases_dir()):
        return {}  # what it would take to import more than this is more than `ls` may cost
    from homeport.run.leases.listing import held_ports

    return held_ports(_leasable(each) for each in listeners)


def _with_lease(
    listener: Listener, known: Home | None, by_port: dict[tuple[Transport, int], LeaseFacts]
) -> Listener:
    from homeport.model.home import Held

    transport, port = _leasable(listener)
    if known is not None:
        held = known.at(port, transport)
    else:
        lease = by_port.get((transport, port))
        held = None if lease is None else Held(lease)
    return listener if held is None else listener._replace(held=held)


def _leasable(listener: Listener) -> tuple[Transport, int]:
    udp = listener.endpoint.transport is Transport.UDP
    return (Transport.UDP if udp else Transport.TCP), listener.endpoint.port


def url_of(project: ProjectStatus, service: ServiceStatus) -> str | None:
    """Where a service is reached, with its password where it has one; None where nobody tells."""
    from homeport.model.errors import HomeportError
    from homeport.run.supervise.facts import facts_of

    try:
        return facts_of(project.pid, service.name).get("url")
    except HomeportError:
        return None


def running_services(directory: str) -> tuple[tuple[str, str, str], ...]:
    """Name, target and source of the services that run for a directory's project.

    Of those that wait for somebody to ask for them, or have done what they had to, nothing can be
    checked.
    """
    from homeport.model.home import is_within
    from homeport.model.route import ServiceState

    here = [each for each in home().projects if is_within(directory, each.root)]
    if not here:
        return ()
    project = max(here, key=lambda each: len(each.root))
    return tuple(
        (each.name, f"{project.name}:{each.name}", project.source)
        for each in project.services
        if each.url is not None
        and each.state is not ServiceState.DONE
        and not (each.lazy and each.state is ServiceState.STOPPED)
    )
