"""Who talks to whom: connections with both ends on this machine, joined into edges."""

from __future__ import annotations

from collections import Counter

from homeport.model.address import Scope, scope_of, unmapped
from homeport.model.endpoint import Endpoint, Transport
from homeport.model.record import NamedTuple
from homeport.model.snapshot import Edge, Snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.sockets import Connection


class _Ends(NamedTuple):
    """What a connection is known by at both of its ends, seen from one of them."""

    place: int
    transport: Transport
    address: str
    port: int
    peer_address: str
    peer_port: int


def edges(snapshot: Snapshot) -> tuple[Edge, ...]:
    """The connections whose two ends are both in the snapshot: client to server, counted.

    Connections between the same processes over the same service are one edge; the busiest first.
    """
    sockets = {_ends(connection): connection for connection in snapshot.connections}
    listening = {(listener.netns, listener.endpoint.port) for listener in snapshot.listeners}
    counted: Counter[Edge] = Counter()
    for ends, server in sockets.items():
        client = sockets.get(_turned(ends))
        if client is not None and _serves(server, client, listening):
            counted[_edge(server, client)] += 1
    return tuple(edge._replace(connections=count) for edge, count in counted.most_common())


def _ends(connection: Connection) -> _Ends:
    # Every namespace has a loopback of its own; other addresses can be met across namespaces. A
    # dual-stack server writes IPv4 addresses as mapped ones, its client does not.
    address = unmapped(connection.local_address)
    return _Ends(
        place=connection.netns if scope_of(address) is Scope.LOOPBACK else 0,
        transport=connection.transport,
        address=address,
        port=connection.local_port,
        peer_address=unmapped(connection.remote_address),
        peer_port=connection.remote_port,
    )


def _turned(ends: _Ends) -> _Ends:
    return ends._replace(
        address=ends.peer_address,
        port=ends.peer_port,
        peer_address=ends.address,
        peer_port=ends.port,
    )


def _serves(server: Connection, client: Connection, listening: set[tuple[int, int]]) -> bool:
    """Whether the first end is the serving one, so that each pair is counted once."""

    def rank(end: Connection) -> tuple[bool, int, str]:
        listens = (end.netns, end.local_port) in listening
        return (not listens, end.local_port, end.local_address)

    return rank(server) < rank(client)


def _edge(server: Connection, client: Connection) -> Edge:
    address = unmapped(server.local_address)
    return Edge(
        service=Endpoint(server.transport, address, server.local_port),
        clients=client.owners,
        servers=server.owners,
    )
