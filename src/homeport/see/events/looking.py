"""Where a watcher looks: the kernel's table of listeners, its word of endings, and the owners.

Made for being asked twice a second for months: a socket is read into a listener once, and an
owner is looked up only when somebody wants to know.
"""

from __future__ import annotations

import sys

from homeport.model.endpoint import Endpoint, Transport
from homeport.model.errors import HomeportError
from homeport.see.events.changes import key_of
from homeport.see.events.watch import End, Ends, Tables

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from homeport.host.owners.search import OwnerSearch
    from homeport.model.sockets import Listener
    from homeport.wire.inet_diag import InetRow

_TCP = frozenset({Transport.TCP, Transport.MPTCP})


def tables_here(*, udp: bool) -> Tables:
    """The tables of the caller's network namespace, in the best way that this system offers."""
    if not sys.platform.startswith("linux"):
        return PortableTables(udp=udp)
    return KernelTables(udp=udp)


def ends_here(*, udp: bool) -> tuple[Ends | None, str | None]:
    """What tells of endings, or None and the reason why nothing does.

    To be opened before the tables are read, so that nothing falls between.
    """
    try:
        return KernelEnds(udp=udp), None
    except HomeportError as error:
        return None, f"closes are found by looking, up to a second late: {error}"


class KernelTables:
    """The listeners of this network namespace, through sock_diag(7) or /proc. Linux."""

    def __init__(self, *, udp: bool) -> None:
        from homeport.host.netns import current_inode

        self.netns: int = current_inode()
        self._transports = _TCP | {Transport.UDP} if udp else _TCP
        self._known: dict[tuple[Transport, int, int], Listener] = {}

    def listeners(self) -> list[Listener]:
        """All listeners of this moment; their queues are those of the first look."""
        from homeport.host.sock_diag import own_tables
        from homeport.see.rows import is_listener

        with own_tables() as tables:
            rows = tables.inet(listening_only=True, transports=self._transports)
            self._known = {
                key: self._known.get(key) or self._read(row, tables.interface_name)
                for row in _sockets_once(rows)
                if is_listener(row)
                for key in [(row.transport, row.cookie or row.inode, row.local_port)]
            }
        return list(self._known.values())

    def _read(self, row: InetRow, interface_name: Callable[[int], str | None]) -> Listener:
        from homeport.host.owners.search import OwnerSearch
        from homeport.host.processes import user_name
        from homeport.see.rows import Holders, Table, inet_listeners

        name = interface_name(row.interface) if row.interface else None
        table = Table(self.netns, [row], (), {row.interface: name} if name else {})
        nobody = Holders(OwnerSearch({}, "none", everything_seen=False), {}, user_name)
        return inet_listeners(table, nobody)[0]

    def owned(self, listeners: Sequence[Listener]) -> list[Listener]:
        """The same listeners with their owners of this moment."""
        from homeport.host.owners import find_owners
        from homeport.host.owners.search import SocketHint
        from homeport.host.processes import ProcessReader, user_name
        from homeport.see.rows import Holders

        hints = {each.inode: SocketHint(each.uid, each.cgroup_id) for each in listeners}
        search = find_owners(hints)
        # Who is known already is not read again: while it holds the socket its pid stays its own.
        changed = [each for each in listeners if not _still_held(each, search)]
        reader = ProcessReader()
        pids = {pid for each in changed for pid in search.holders.get(each.inode, ())}
        found = {pid: process for pid in pids if (process := reader.process(pid)) is not None}
        holders = Holders(search, found, user_name)
        owners = {each.inode: holders.of(each.inode)[1] for each in changed}
        return [
            each._replace(
                certainty=search.certainty(each.inode), owners=owners.get(each.inode, each.owners)
            )
            for each in listeners
        ]


def _sockets_once(rows: Sequence[InetRow]) -> list[InetRow]:
    """The rows without the TCP socket that the kernel lists beside an MPTCP one: it is the same."""
    carried = {row.inode for row in rows if row.transport is Transport.MPTCP and row.inode}
    return [row for row in rows if row.transport is not Transport.TCP or row.inode not in carried]


def _still_held(listener: Listener, search: OwnerSearch) -> bool:
    pids = tuple(owner.pid for owner in listener.owners)
    return search.holders.get(listener.inode, ()) == pids


class KernelEnds:
    """The ends of sockets as netlink tells them. Linux 4.6 and later."""

    def __init__(self, *, udp: bool) -> None:
        from homeport.host.sock_diag import DestroyEvents

        self._events = DestroyEvents(unconnected_only=True)
        self._udp = udp

    def fileno(self) -> int:
        """Readable when there is something to tell."""
        return self._events.fileno()

    def read(self) -> tuple[list[End], bool]:
        """The ends of sockets that were bound and had no peer; whether some were lost."""
        closed = self._events.read()
        return [_end(row) for row in closed.rows if self._counts(row)], closed.missed

    def _counts(self, row: InetRow) -> bool:
        if not row.local_port or row.remote_port or row.cookie is None:
            return False
        return self._udp or row.transport is not Transport.UDP

    def close(self) -> None:
        """Listens no longer."""
        self._events.close()


def _end(row: InetRow) -> End:
    from homeport.wire.inet_diag import address_text

    address = address_text(row.local, row.family)
    return End(row.cookie or 0, Endpoint(row.transport, address, row.local_port))


class PortableTables:
    """The listeners as psutil tells of them, owners included."""

    netns = 0

    def __init__(self, *, udp: bool) -> None:
        self._udp = udp

    def listeners(self) -> Sequence[Listener]:
        """All listeners of this moment."""
        from homeport.host.portable import portable_snapshot
        from homeport.model.snapshot import Query

        query = Query(connections=False, udp=self._udp, unix=False, all_namespaces=False)
        return portable_snapshot(query).listeners

    def owned(self, listeners: Sequence[Listener]) -> Sequence[Listener]:
        """The same with the owners of this moment."""
        now = {key_of(each): each for each in self.listeners()}
        return [now.get(key_of(each), each) for each in listeners]
