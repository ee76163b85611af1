"""Connections joined at both ends."""

from __future__ import annotations

from homeport.model.endpoint import Endpoint, Transport
from homeport.model.process import Process
from homeport.model.snapshot import Snapshot
from homeport.model.sockets import Connection, Listener, TcpState
from homeport.see.graph import edges

WEB = Process(pid=10, start_ticks=1, name="web")
DATABASE = Process(pid=20, start_ticks=2, name="postgres")


def connection(
    local: tuple[str, int], remote: tuple[str, int], owner: Process, netns: int = 1
) -> Connection:
    return Connection(
        transport=Transport.TCP,
        state=TcpState.ESTABLISHED,
        local_address=local[0],
        local_port=local[1],
        remote_address=remote[0],
        remote_port=remote[1],
        inode=local[1],
        netns=netns,
        uid=0,
        owners=(owner,),
    )


def snapshot(*connections: Connection, port: int | None = None) -> Snapshot:
    listeners: tuple[Listener, ...] = ()
    if port is not None:
        listeners = (Listener(Endpoint(Transport.TCP, "::", port), inode=1, netns=1, uid=0),)
    return Snapshot(taken_ns=0, listeners=listeners, connections=connections)


def test_an_edge_runs_from_the_client_to_the_listener() -> None:
    here, there = ("127.0.0.1", 40000), ("127.0.0.1", 62893)
    taken = snapshot(connection(here, there, WEB), connection(there, here, DATABASE), port=there[1])
    (edge,) = edges(taken)
    assert (edge.clients, edge.servers) == ((WEB,), (DATABASE,))
    assert edge.service == Endpoint(Transport.TCP, "127.0.0.1", 62893)


def test_a_dual_stack_server_is_joined_with_its_ipv4_client() -> None:
    taken = snapshot(
        connection(("127.0.0.1", 40000), ("127.0.0.1", 5432), WEB),
        connection(("::ffff:127.0.0.1", 5432), ("::ffff:127.0.0.1", 40000), DATABASE),
        port=5432,
    )
    (edge,) = edges(taken)
    assert edge.servers == (DATABASE,)


def test_connections_of_the_same_pair_are_counted() -> None:
    ends = [
        pair
        for port in (40000, 40001, 40002)
        for pair in (
            connection(("127.0.0.1", port), ("127.0.0.1", 5432), WEB),
            connection(("127.0.0.1", 5432), ("127.0.0.1", port), DATABASE),
        )
    ]
    assert [edge.connections for edge in edges(snapshot(*ends, port=5432))] == [3]


def test_without_a_listener_the_lower_port_serves() -> None:
    taken = snapshot(
        connection(("127.0.0.1", 40000), ("127.0.0.1", 5432), WEB),
        connection(("127.0.0.1", 5432), ("127.0.0.1", 40000), DATABASE),
    )
    (edge,) = edges(taken)
    assert edge.clients == (WEB,)


def test_loopbacks_of_two_namespaces_are_not_joined() -> None:
    taken = snapshot(
        connection(("127.0.0.1", 40000), ("127.0.0.1", 5432), WEB, netns=1),
        connection(("127.0.0.1", 5432), ("127.0.0.1", 40000), DATABASE, netns=2),
    )
    assert edges(taken) == ()


def test_a_peer_elsewhere_makes_no_edge() -> None:
    assert edges(snapshot(connection(("10.0.0.1", 40000), ("10.0.0.2", 443), WEB))) == ()
