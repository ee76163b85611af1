"""Which sockets of a snapshot are meant, and in whose group each listener belongs.

Pure functions of a snapshot. All conditions of a selection that are set have to hold.
"""

from __future__ import annotations

from enum import StrEnum

from homeport.model.address import scope_of
from homeport.model.endpoint import Transport

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from homeport.model.process import Process
    from homeport.model.selection import Selection
    from homeport.model.snapshot import Edge, Snapshot
    from homeport.model.sockets import Connection, Listener, UnixListener


class Group(StrEnum):
    """Whose a listener is, in the order in which a person wants to see them."""

    OWN_PROJECTS = "Your projects"
    OWN = "Your other programs"
    CONTAINERS = "Containers"
    OTHERS = "Other users"
    SYSTEM = "System"


FIRST_PERSON_UID = 1000
"""Where the uids of people begin (login.defs(5), UID_MIN)."""
LAST_PERSON_UID = 60000
"""Where they end (login.defs(5), UID_MAX)."""


def select(snapshot: Snapshot, wanted: Selection) -> Snapshot:
    """The snapshot with only those sockets that meet every condition."""
    return snapshot._replace(
        listeners=tuple(each for each in snapshot.listeners if _meant(each, wanted)),
        connections=tuple(each for each in snapshot.connections if _connects(each, wanted)),
        unix_listeners=tuple(each for each in snapshot.unix_listeners if _bound(each, wanted)),
    )


def _meant(listener: Listener, wanted: Selection) -> bool:
    endpoint = listener.endpoint
    return (
        _carried(endpoint.transport, wanted)
        and _on_port((endpoint.port,), wanted)
        and _in_scope(endpoint.address, wanted)
        and _used_by(listener.uid, listener.user, listener.owners, wanted)
        and _owned(_everybody(listener), wanted)
    )


def _connects(connection: Connection, wanted: Selection) -> bool:
    return (
        _carried(connection.transport, wanted)
        and _on_port((connection.local_port, connection.remote_port), wanted)
        and _in_scope(connection.local_address, wanted)
        and _used_by(connection.uid, None, connection.owners, wanted)
        and _owned(connection.owners, wanted)
    )


def _bound(listener: UnixListener, wanted: Selection) -> bool:
    return (
        _carried(Transport.UNIX, wanted)
        and not (wanted.ports or wanted.scopes)
        and _used_by(listener.uid, listener.user, listener.owners, wanted)
        and _owned(listener.owners, wanted)
    )


def select_edges(edges: Iterable[Edge], wanted: Selection) -> tuple[Edge, ...]:
    """The edges that meet every condition at one of their ends."""
    return tuple(each for each in edges if _joins(each, wanted))


def _joins(edge: Edge, wanted: Selection) -> bool:
    parties = edge.clients + edge.servers
    return (
        _carried(edge.service.transport, wanted)
        and _on_port((edge.service.port,), wanted)
        and _in_scope(edge.service.address, wanted)
        and _used_by(None, None, parties, wanted)
        and _owned(parties, wanted)
    )


def _carried(transport: Transport, wanted: Selection) -> bool:
    plain = Transport.TCP if transport is Transport.MPTCP else transport
    return not wanted.transports or bool(wanted.transports & {transport, plain})


def _on_port(ports: Iterable[int], wanted: Selection) -> bool:
    return not wanted.ports or any(port in span for port in ports for span in wanted.ports)


def _in_scope(address: str, wanted: Selection) -> bool:
    return not wanted.scopes or scope_of(address) in wanted.scopes


def _used_by(
    uid: int | None, user: str | None, owners: Iterable[Process], wanted: Selection
) -> bool:
    """Whether the user made the socket, or runs a process that holds it."""
    if not wanted.users:
        return True
    who: set[object] = {uid, user}
    for owner in owners:
        who |= {owner.uid, owner.user}
    return any(str(one) in wanted.users for one in who if one is not None)


def _owned(owners: Sequence[Process], wanted: Selection) -> bool:
    if wanted.pids and not any(owner.pid in wanted.pids for owner in owners):
        return False
    return not wanted.projects or any(_of_project(owner, wanted) for owner in owners)


def _of_project(owner: Process, wanted: Selection) -> bool:
    project = owner.project
    return project is not None and bool(wanted.projects & {project.name, project.root})


def _everybody(listener: Listener) -> tuple[Process, ...]:
    """Those who hold the socket, and those who serve behind them."""
    behind = listener.behind
    return listener.owners if behind is None else listener.owners + behind.owners


def grouped(
    listeners: Iterable[Listener], own_uids: frozenset[int]
) -> list[tuple[Group, list[Listener]]]:
    """The listeners by whose they are; groups without any are left out.

    `own_uids` are those of the person who asks: under sudo both root's and the person's own.
    """
    groups: dict[Group, list[Listener]] = {group: [] for group in Group}
    for listener in listeners:
        groups[group_of(listener, own_uids)].append(listener)
    for each in groups.values():
        each.sort(key=_place)
    return [(group, each) for group, each in groups.items() if each]


def group_of(listener: Listener, own_uids: frozenset[int]) -> Group:
    """Whose the listener is."""
    everybody = _everybody(listener)
    if _contained(listener):
        return Group.CONTAINERS
    own = listener.uid in own_uids or any(owner.uid in own_uids for owner in everybody)
    if own and any(owner.project for owner in everybody):
        return Group.OWN_PROJECTS
    if own and not any(_is_system_service(owner) for owner in everybody):
        return Group.OWN if everybody or listener.uid != 0 else Group.SYSTEM
    return Group.OTHERS if _is_person(listener.uid) and not own else Group.SYSTEM


def _contained(listener: Listener) -> bool:
    behind = listener.behind
    if behind is not None and behind.container is not None:
        return True
    return any(owner.container is not None for owner in _everybody(listener))


def _is_system_service(owner: Process) -> bool:
    # A person's own units run below user@UID.service, and are no concern of root's manager.
    return owner.uid == 0 and (owner.unit or "").endswith(".service")


def _is_person(uid: int | None) -> bool:
    return uid is not None and FIRST_PERSON_UID <= uid <= LAST_PERSON_UID


def _place(listener: Listener) -> tuple[str, str, int, str, str]:
    """Where a listener stands within its group: by project, then port."""
    project = next((owner.project for owner in _everybody(listener) if owner.project), None)
    endpoint = listener.endpoint
    name, root = (project.name, project.root) if project else ("", "")
    return (name, root, endpoint.port, endpoint.transport, endpoint.address)
