"""Whose listener stands at a port: a service's own, or somebody else's. Linux.

A server that was left over from yesterday answers as well as the one that is starting.
"""

from __future__ import annotations

import os
import socket

from homeport.host.descendants import descendants
from homeport.host.owners import SocketHint, find_owners
from homeport.host.owners.descriptors import sockets_of
from homeport.host.pulse import process_name
from homeport.host.sock_diag import own_tables
from homeport.model.endpoint import Endpoint, Transport
from homeport.model.errors import BrokenMessage, HomeportError
from homeport.model.record import NamedTuple
from homeport.wire.inet_diag import address_text
from homeport.wire.proc_pid import parse_stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.wire.inet_diag import InetRow
    from homeport.wire.proc_pid import Stat


class Stranger(NamedTuple):
    """A process that listens there and was there before the service; `name` is None if hidden."""

    pid: int
    name: str | None


def stranger_at(port: int, pid: int, *, proc: str = "/proc") -> Stranger | None:
    """Who else listens on a TCP port, where that is not the program `pid` or anything of its shim.

    None also where it cannot be told, and for a process that is younger than the program: a
    container's forwarder listens on behalf of the one who has just started it.
    """
    there = {row.inode: row for row in _listeners(port, proc)}
    program = _stat(pid, proc)
    if not there or program is None:
        return None
    family = _family(pid, program, proc)
    if any(not there.keys().isdisjoint(_sockets(each, proc)) for each in family):
        return None
    return _older(there, program, proc)


def listeners_of(pid: int, *, proc: str = "/proc") -> list[Endpoint]:
    """Where the program `pid` and all of its shim listen by TCP; none where it cannot be told."""
    program = _stat(pid, proc)
    if program is None:
        return []
    sockets = {inode for each in _family(pid, program, proc) for inode in _sockets(each, proc)}
    ours = (row for row in _all_listeners(proc) if row.inode in sockets)
    places = {(row.local_port, address_text(row.local, row.family)) for row in ours}
    return [Endpoint(Transport.TCP, address, port) for port, address in sorted(places)]


def unaccepted(port: int, *, proc: str = "/proc") -> int:
    """How many connections to a TCP port of loopback wait for somebody to accept them.

    The kernel takes connections as soon as there is a listener, also one that a service has only
    inherited and does not look at yet. 0 also where it cannot be told.
    """
    return sum(row.receive_queue for row in _listeners(port, proc))


def _family(pid: int, program: Stat, proc: str) -> set[int]:
    """A program and all that its shim, its parent, looks after."""
    return {pid, *(each.pid for each in descendants(program.parent, proc=proc))}


def _listeners(port: int, proc: str) -> list[InetRow]:
    rows = _all_listeners(proc)
    return [row for row in rows if row.local_port == port and _takes_loopback(row)]


def _all_listeners(proc: str) -> list[InetRow]:
    try:
        with own_tables(proc=proc) as tables:
            wanted = frozenset({Transport.TCP})
            return list(tables.inet(listening_only=True, transports=wanted))
    except HomeportError:
        return []


def _takes_loopback(row: InetRow) -> bool:
    if row.family == socket.AF_INET6:
        return row.local == bytes(16) or row.local == bytes(15) + b"\1"
    return row.local[0] in {0, 127}


def _sockets(pid: int, proc: str) -> list[int]:
    try:
        return sockets_of(f"{proc}/{pid}", None)
    except OSError:
        return []


def _older(there: dict[int, InetRow], program: Stat, proc: str) -> Stranger | None:
    hints = {inode: SocketHint(row.uid, row.cgroup_id) for inode, row in there.items()}
    holders = find_owners(hints, strategy="narrowed", proc=proc).pids() - {os.getpid()}
    for holder in sorted(holders):
        stat = _stat(holder, proc)
        if stat is not None and stat.start_ticks < program.start_ticks:
            return Stranger(holder, process_name(holder, proc))
    return None


def _stat(pid: int, proc: str) -> Stat | None:
    try:
        with open(f"{proc}/{pid}/stat", "rb", buffering=0) as file:
            return parse_stat(file.read(4096))
    except (OSError, BrokenMessage):
        return None
