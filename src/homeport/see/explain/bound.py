"""Sockets that are bound and neither listen nor connect: invisible to others, they hold a port."""

from __future__ import annotations

import sys

from homeport.model.errors import HomeportError
from homeport.model.sockets import Connection, TcpState

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.wire.inet_diag import InetRow


def bound_sockets(port: int) -> tuple[Connection, ...]:
    """Those of the caller's network namespace on a port, with their owners.

    Linux 6.8 and later; older kernels, and other systems, tell of none.
    """
    if not sys.platform.startswith("linux"):
        return ()
    rows = [row for row in _rows() if row.local_port == port]
    return _with_owners(rows) if rows else ()


def _rows() -> list[InetRow]:
    from homeport.host.sock_diag import DiagTables

    try:
        with DiagTables() as tables:
            return tables.bound()
    except HomeportError:
        return []  # no such interface here: the answer then says what it rests on


def _with_owners(rows: list[InetRow]) -> tuple[Connection, ...]:
    from homeport.host.netns import current_inode
    from homeport.host.owners import SocketHint, find_owners
    from homeport.host.processes import ProcessReader, user_name
    from homeport.see.rows import Connections, Holders, Table

    search = find_owners({row.inode: SocketHint(row.uid, row.cgroup_id) for row in rows})
    reader = ProcessReader()
    found = {pid: reader.process(pid) for pids in search.holders.values() for pid in pids}
    known = {pid: process for pid, process in found.items() if process is not None}
    table = Table(current_inode(), rows, (), {})
    made = Connections([table], Holders(search, known, user_name))
    return tuple(each._replace(state=TcpState.BOUND_INACTIVE) for each in made)
