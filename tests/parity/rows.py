"""Rows in which ss and Homeport say the same thing, and where two lists of them differ."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from homeport.model.process import Certainty
from homeport.model.sockets import TcpState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from homeport.model.process import Process
    from homeport.model.snapshot import Snapshot
    from homeport.model.sockets import Connection, Listener, UnixListener

STATES = {
    TcpState.ESTABLISHED: "ESTAB",
    TcpState.SYN_SENT: "SYN-SENT",
    TcpState.SYN_RECEIVED: "SYN-RECV",
    TcpState.NEW_SYN_RECEIVED: "SYN-RECV",
    TcpState.FIN_WAIT_1: "FIN-WAIT-1",
    TcpState.FIN_WAIT_2: "FIN-WAIT-2",
    TcpState.TIME_WAIT: "TIME-WAIT",
    TcpState.CLOSED: "UNCONN",
    TcpState.CLOSE_WAIT: "CLOSE-WAIT",
    TcpState.LAST_ACK: "LAST-ACK",
    TcpState.LISTEN: "LISTEN",
    TcpState.CLOSING: "CLOSING",
}

DESCRIPTOR_SEEN = (Certainty.SEEN, Certainty.AT_LEAST_ONE)


class Peer(NamedTuple):
    """What ss shows for some flags: kinds of sockets, and what Homeport is asked for the same.

    An MPTCP socket has rows of both kinds, its own and that of the TCP socket below it, in ss as in
    Homeport.
    """

    netids: frozenset[str]
    connections: bool

    def query(self) -> dict[str, bool]:
        return {
            "connections": self.connections,
            "udp": "udp" in self.netids,
            "unix": "u_str" in self.netids,
            "all_namespaces": False,
            "facts": False,
        }

    def of(self, rows: Iterable[Row]) -> list[Row]:
        return [row for row in rows if row.netid in self.netids]


PEERS = {
    "-tlnp": Peer(frozenset({"tcp"}), connections=False),
    "-tanp": Peer(frozenset({"tcp"}), connections=True),
    "-tuanp": Peer(frozenset({"tcp", "udp"}), connections=True),
    "-Mlnp": Peer(frozenset({"mptcp"}), connections=False),
    "-Manp": Peer(frozenset({"mptcp"}), connections=True),
    "-xlp": Peer(frozenset({"u_str", "u_dgr", "u_seq"}), connections=False),
}
"""What is compared, by the flags of ss."""


class Row(NamedTuple):
    """A socket. Listeners have no remote end; the port of a unix socket is 0, its kind `netid`."""

    netid: str
    state: str
    local: str
    local_port: int
    remote: str
    remote_port: int
    interface: str | None
    v6only: bool | None
    receive_queue: int
    send_queue: int
    inode: int
    pids: tuple[int, ...]

    @property
    def identity(self) -> tuple[object, ...]:
        """What stays while state, queues and owners change."""
        return (
            self.netid,
            self.local,
            self.local_port,
            self.remote,
            self.remote_port,
            self.inode,
        )


def differences(theirs: Iterable[Row], ours: Iterable[Row]) -> list[str]:
    """Every row that one side has and the other has not, as text; empty when both agree."""
    left, right = Counter(theirs), Counter(ours)
    return [f"only the peer: {row}" for row in (left - right).elements()] + [
        f"only Homeport: {row}" for row in (right - left).elements()
    ]


def changes(
    before: Iterable[Row],
    ours: Iterable[Row],
    after: Iterable[Row],
    *,
    but: Sequence[str] = (),
) -> list[str]:
    """What Homeport says otherwise than two looks of the peer around it.

    Only sockets that live through both looks count, and of their fields only those that are the
    same in both: nobody knows what an observer in between should have seen. The fields named in
    `but` may have changed and changed back.
    """
    first, last, between = by_identity(before), by_identity(after), by_identity(ours)
    wrong = []
    for identity in first.keys() & last.keys():
        row = between.get(identity)
        if row is None:
            wrong.append(f"missing: {first[identity]}")
            continue
        wrong += [
            f"{name}: {now!r} instead of {was!r} in {row}"
            for name, was, then, now in zip(
                Row._fields, first[identity], last[identity], row, strict=True
            )
            if was == then != now and name not in but
        ]
    return wrong


def by_identity(rows: Iterable[Row]) -> dict[tuple[object, ...], Row]:
    return {row.identity: row for row in rows}


def homeport_rows(taken: Snapshot) -> list[Row]:
    """All of a snapshot, one row a socket."""
    return [
        *map(listener_row, taken.listeners),
        *map(connection_row, taken.connections),
        *map(unix_row, taken.unix_listeners),
    ]


def listener_row(listener: Listener) -> Row:
    udp = listener.endpoint.transport == "udp"
    return Row(
        netid=listener.endpoint.transport.value,
        state="UNCONN" if udp else "LISTEN",
        local=listener.endpoint.address,
        local_port=listener.endpoint.port,
        remote="",
        remote_port=0,
        interface=listener.endpoint.interface,
        v6only=listener.v6only,
        receive_queue=listener.queue,
        send_queue=listener.backlog or 0,
        inode=listener.inode,
        pids=pids(listener.certainty, listener.owners),
    )


def connection_row(connection: Connection) -> Row:
    return Row(
        netid=connection.transport.value,
        state=STATES[connection.state],
        local=connection.local_address,
        local_port=connection.local_port,
        remote=connection.remote_address,
        remote_port=connection.remote_port,
        interface=connection.interface,
        v6only=None,
        receive_queue=connection.receive_queue,
        send_queue=connection.send_queue,
        inode=connection.inode,
        pids=pids(connection.certainty, connection.owners),
    )


def unix_row(listener: UnixListener) -> Row:
    return Row(
        netid={"stream": "u_str", "dgram": "u_dgr", "seqpacket": "u_seq"}[listener.kind],
        state="LISTEN" if listener.listening else "UNCONN",
        local="*" if listener.path is None else listener.path,
        local_port=0,
        remote="",
        remote_port=0,
        interface=None,
        v6only=None,
        receive_queue=listener.queue,
        send_queue=listener.backlog or 0,
        inode=listener.inode,
        pids=pids(listener.certainty, listener.owners),
    )


def pids(certainty: Certainty, owners: Sequence[Process]) -> tuple[int, ...]:
    """Holders whose descriptor was seen: ss knows of no others, and guesses none."""
    return tuple(sorted({owner.pid for owner in owners})) if certainty in DESCRIPTOR_SEEN else ()


def dumped(rows: Iterable[Row]) -> str:
    return json.dumps(list(rows))


def loaded(text: str) -> list[Row]:
    return [Row._make([*fields[:-1], tuple(fields[-1])]) for fields in json.loads(text)]
