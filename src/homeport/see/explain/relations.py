"""The sockets of a port, and how each stands to the endpoint that was asked about."""

from __future__ import annotations

from homeport.model.address import is_ipv6, unmapped
from homeport.model.endpoint import Transport, reaches
from homeport.model.explanation import Client, FoundListener, Lingering, Relation
from homeport.model.record import NamedTuple
from homeport.model.sockets import TcpState

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from homeport.model.explanation import OwnAddress
    from homeport.model.process import Process
    from homeport.model.snapshot import Snapshot
    from homeport.model.sockets import Connection, Listener
    from homeport.model.target import Target

_TICK_NS = 1_000_000
_ORDER = list(Relation)


class _Ends(NamedTuple):
    """One connection as both of its ends see it: IPv4-mapped addresses are IPv4 (RFC 4291)."""

    netns: int
    local_address: str
    local_port: int
    remote_address: str
    remote_port: int


def own_namespaces(snapshot: Snapshot) -> frozenset[int]:
    """The caller's network namespace; empty where the snapshot knows of no other."""
    return frozenset(each.inode for each in snapshot.namespaces if each.own)


def found_listeners(snapshot: Snapshot, target: Target) -> tuple[FoundListener, ...]:
    """Every listener of the target's port, those first that answer there."""
    own = own_namespaces(snapshot)
    names = {each.inode: each.name or str(each.inode) for each in snapshot.namespaces}
    found = [
        FoundListener(
            _relation(listener, target, own),
            listener,
            None if not own or listener.netns in own else names.get(listener.netns),
        )
        for listener in snapshot.listeners
        if listener.endpoint.port == target.port
    ]
    return tuple(sorted(found, key=lambda each: _ORDER.index(each.relation)))


def _relation(listener: Listener, target: Target, own: frozenset[int]) -> Relation:
    if own and listener.netns not in own:
        return Relation.OTHER_NAMESPACE
    if target.transport is not None and _plain(listener.endpoint.transport) != target.transport:
        return Relation.OTHER_TRANSPORT
    bound = unmapped(listener.endpoint.address)
    asked = tuple(map(unmapped, target.addresses))
    if not asked or bound in asked:
        return Relation.HERE
    if any(reaches(bound, address, v6only=bool(listener.v6only)) for address in asked):
        return Relation.WILDCARD
    same_family = any(is_ipv6(bound) == is_ipv6(address) for address in asked)
    return Relation.OTHER_ADDRESS if same_family else Relation.OTHER_FAMILY


def _plain(transport: Transport) -> Transport:
    """MPTCP is TCP to whoever connects (RFC 8684)."""
    return Transport.TCP if transport is Transport.MPTCP else transport


def connections_of(
    snapshot: Snapshot, target: Target, *, served: bool, own_addresses: Iterable[OwnAddress]
) -> tuple[tuple[Client, ...], tuple[Client, ...]]:
    """The connections of the port: those that came in, and those that go out from or to it.

    What has the port at this end came in where somebody serves it, and else goes out. A
    connection from here to the same port of another machine goes out.
    """
    own = own_namespaces(snapshot)
    here = {each.address for each in own_addresses}
    incoming: list[Connection] = []
    outgoing: list[Connection] = []
    far_ends: dict[_Ends, tuple[Process, ...]] = {}
    for connection in snapshot.connections:
        if target.port not in (connection.local_port, connection.remote_port):
            continue
        if own and connection.netns not in own:
            continue
        far_ends[_ends(connection)] = connection.owners
        if _is_about(connection, target):
            (incoming if served else outgoing).append(connection)
        elif _goes_to(connection, target, here):
            outgoing.append(connection)
    return (
        tuple(_client(each, far_ends) for each in incoming),
        tuple(_client(each, far_ends) for each in outgoing),
    )


_NOT_TALKING = (TcpState.TIME_WAIT, TcpState.CLOSED, TcpState.BOUND_INACTIVE)


def _is_about(connection: Connection, target: Target) -> bool:
    """Whether this end has the port, and the address if one was asked for."""
    if connection.local_port != target.port or connection.state in _NOT_TALKING:
        return False
    return _meets(connection.local_address, target)


def _meets(address: str, target: Target) -> bool:
    asked = target.addresses
    return not asked or any(reaches(each, unmapped(address)) for each in asked)


def _goes_to(connection: Connection, target: Target, here: set[str]) -> bool:
    remote = unmapped(connection.remote_address)
    if connection.remote_port != target.port or connection.state in _NOT_TALKING:
        return False
    return (
        remote in map(unmapped, target.addresses)
        and remote not in here
        and not remote.startswith("127.")
    )


def _ends(connection: Connection) -> _Ends:
    return _Ends(
        connection.netns,
        unmapped(connection.local_address),
        connection.local_port,
        unmapped(connection.remote_address),
        connection.remote_port,
    )


def _client(connection: Connection, far_ends: dict[_Ends, tuple[Process, ...]]) -> Client:
    ends = _ends(connection)
    turned = _Ends(
        ends.netns, ends.remote_address, ends.remote_port, ends.local_address, ends.local_port
    )
    return Client(connection, far_ends.get(turned) or None)


def lingering(snapshot: Snapshot, target: Target) -> tuple[Lingering, ...]:
    """What is in TIME-WAIT with the port at this end, what is freed first first."""
    own = own_namespaces(snapshot)
    waiting = (
        each
        for each in snapshot.connections
        if each.state is TcpState.TIME_WAIT
        and each.local_port == target.port
        and (not own or each.netns in own)
        and _meets(each.local_address, target)
    )
    found = [Lingering(each, _until(each, snapshot.taken_ns)) for each in waiting]
    return tuple(sorted(found, key=lambda each: each.until_ns or 0))


def _until(connection: Connection, taken_ns: int) -> int | None:
    return None if connection.timer_ms is None else taken_ns + connection.timer_ms * _TICK_NS
