"""Rows of the kernel's tables, made into listeners and connections with their owners.

A connection is made when somebody looks at it: of 50,000 most are only counted or passed over,
and making them all costs more than getting them from the kernel.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from homeport.model.endpoint import Endpoint, Transport
from homeport.model.record import NamedTuple
from homeport.model.sockets import Connection, Listener, TcpState, UnixListener
from homeport.wire.inet_diag import InetRow, address_text
from homeport.wire.unix_diag import UnixRow, name_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import overload

    from homeport.host.owners.search import OwnerSearch
    from homeport.model.process import Certainty, Process
else:

    def overload(signature: object) -> object:
        """Stands in for that of typing, which is 3 ms at start-up and does nothing at run time."""
        return signature


_LISTEN = TcpState.LISTEN.value
_UNCONNECTED = TcpState.CLOSED.value
_STATES = {state.value: state for state in TcpState}


class Table(NamedTuple):
    """What was read from one network namespace.

    `interfaces` names those interfaces, by index, that a row is bound to.
    """

    netns: int
    inet: Sequence[InetRow]
    unix: Sequence[UnixRow]
    interfaces: Mapping[int, str]


class Holders(NamedTuple):
    """Who holds the sockets of a snapshot: the search, and the processes that it found."""

    search: OwnerSearch
    processes: Mapping[int, Process]
    user_name: Callable[[int], str | None]

    def of(self, inode: int) -> tuple[Certainty, tuple[Process, ...]]:
        """How sure it is who holds the socket, and who does, by pid.

        A process that had ended when it was asked who it is, is left out: it holds nothing.
        """
        pids = self.search.holders.get(inode, ())
        known = self.processes
        owners = tuple([known[pid] for pid in pids if pid in known])
        return self.search.certainty(inode), owners


def is_listener(row: InetRow) -> bool:
    """In LISTEN, or a UDP socket without a peer (which the kernel calls closed)."""
    return row.state == _LISTEN or (row.state == _UNCONNECTED and row.transport is Transport.UDP)


def inet_listeners(table: Table, holders: Holders) -> list[Listener]:
    """The listeners among the rows of a table."""
    return [_listener(row, table, holders) for row in table.inet if is_listener(row)]


def _listener(row: InetRow, table: Table, holders: Holders) -> Listener:
    certainty, owners = holders.of(row.inode)
    address = address_text(row.local, row.family)
    interface = table.interfaces.get(row.interface)
    return Listener(
        endpoint=Endpoint(row.transport, address, row.local_port, interface),
        inode=row.inode,
        netns=table.netns,
        uid=row.uid,
        user=holders.user_name(row.uid),
        v6only=row.v6only,
        queue=row.receive_queue,
        backlog=None if row.transport is Transport.UDP else row.send_queue,
        cookie=row.cookie,
        cgroup_id=row.cgroup_id,
        certainty=certainty,
        owners=owners,
    )


def unix_listeners(table: Table, holders: Holders) -> list[UnixListener]:
    """The unix listeners of a table."""
    return [_unix_listener(row, table, holders) for row in table.unix]


def _unix_listener(row: UnixRow, table: Table, holders: Holders) -> UnixListener:
    certainty, owners = holders.of(row.inode)
    return UnixListener(
        path=name_text(row.name),
        kind=row.kind,
        inode=row.inode,
        netns=table.netns,
        listening=row.state == _LISTEN,
        queue=row.receive_queue or 0,
        backlog=row.send_queue if row.state == _LISTEN else None,
        uid=row.uid,
        user=None if row.uid is None else holders.user_name(row.uid),
        certainty=certainty,
        owners=owners,
    )


class Connections(Sequence[Connection]):
    """The connections of some tables, in the kernel's order; each is made when it is looked at."""

    def __init__(self, tables: Iterable[Table], holders: Holders) -> None:
        self._holders = holders
        self._rows = [
            (row, table) for table in tables for row in table.inet if not is_listener(row)
        ]

    def __len__(self) -> int:
        """How many there are."""
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> Connection: ...
    @overload
    def __getitem__(self, index: slice) -> list[Connection]: ...  # noqa: F811
    def __getitem__(  # noqa: F811
        self, index: int | slice
    ) -> Connection | list[Connection]:
        """One connection, or a list of those in a slice."""
        if isinstance(index, slice):
            return [self._made(row, table) for row, table in self._rows[index]]
        return self._made(*self._rows[index])

    def __iter__(self) -> Iterator[Connection]:
        """All of them, one after the other."""
        return (self._made(row, table) for row, table in self._rows)

    def of_ports(self, ports: frozenset[int]) -> list[Connection]:
        """Those with one of these ports at either end; no other is made."""
        return [
            self._made(row, table)
            for row, table in self._rows
            if row.local_port in ports or row.remote_port in ports
        ]

    def _made(self, row: InetRow, table: Table) -> Connection:
        certainty, owners = self._holders.of(row.inode)
        return Connection(
            transport=row.transport,
            state=_STATES[row.state],
            local_address=address_text(row.local, row.family),
            local_port=row.local_port,
            remote_address=address_text(row.remote, row.family),
            remote_port=row.remote_port,
            inode=row.inode,
            netns=table.netns,
            uid=row.uid,
            receive_queue=row.receive_queue,
            send_queue=row.send_queue or 0,
            interface=table.interfaces.get(row.interface),
            timer_ms=row.expires_ms if row.timer else None,
            certainty=certainty,
            owners=owners,
        )
