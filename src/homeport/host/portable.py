"""The same tables and owners through psutil, for systems that have no socket diagnosis.

Less can be known this way, and what cannot is None or said in the snapshot's limits. Nothing here
is special to one system, so what the tests on Linux hold is what runs on macOS and the BSDs.
"""

from __future__ import annotations

import os
import socket
import time
from typing import Protocol

import psutil

from homeport.host.processes import user_name
from homeport.host.projects import ProjectFinder
from homeport.model.endpoint import Endpoint, Transport
from homeport.model.errors import NotSupported
from homeport.model.process import Ancestor, Certainty, Process, Project
from homeport.model.record import NamedTuple
from homeport.model.snapshot import Namespace, Query, Snapshot
from homeport.model.sockets import Connection, Listener, TcpState

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_STATES = {
    psutil.CONN_ESTABLISHED: TcpState.ESTABLISHED,
    psutil.CONN_SYN_SENT: TcpState.SYN_SENT,
    psutil.CONN_SYN_RECV: TcpState.SYN_RECEIVED,
    psutil.CONN_FIN_WAIT1: TcpState.FIN_WAIT_1,
    psutil.CONN_FIN_WAIT2: TcpState.FIN_WAIT_2,
    psutil.CONN_TIME_WAIT: TcpState.TIME_WAIT,
    psutil.CONN_CLOSE: TcpState.CLOSED,
    psutil.CONN_CLOSE_WAIT: TcpState.CLOSE_WAIT,
    psutil.CONN_LAST_ACK: TcpState.LAST_ACK,
    psutil.CONN_LISTEN: TcpState.LISTEN,
    psutil.CONN_CLOSING: TcpState.CLOSING,
}
_OWNERLESS = (TcpState.TIME_WAIT, TcpState.SYN_RECEIVED)
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK") if psutil.LINUX else 100


class _Row(NamedTuple):
    """A socket as psutil tells of it; without a peer the remote address is that of the family."""

    transport: Transport
    state: TcpState
    local: tuple[str, int]
    remote: tuple[str, int] | None


class _Told(Protocol):
    """What psutil's rows have in common, of the machine and of one process."""

    @property
    def family(self) -> socket.AddressFamily: ...
    @property
    def type(self) -> socket.SocketKind: ...
    @property
    def laddr(self) -> tuple[()] | tuple[str, int]: ...
    @property
    def raddr(self) -> tuple[()] | tuple[str, int]: ...
    @property
    def status(self) -> str: ...


class _Table(NamedTuple):
    """Sockets with the pids that hold them, and what has to be said about the list."""

    sockets: Sequence[tuple[_Row, tuple[int, ...]]]
    certainty: Certainty
    limits: tuple[str, ...]


def portable_snapshot(query: Query = Query()) -> Snapshot:  # noqa: B008  (immutable)
    """What psutil tells of this machine's TCP and UDP sockets, in the caller's network namespace.

    Inodes, queues, backlogs and interfaces are not told (0 and None). Raises `NotSupported` where
    psutil does not know the system.
    """
    taken_ns = time.time_ns()
    netns = _own_namespace()
    table = _read_table("inet" if query.udp else "tcp")
    known = _Processes(facts=query.facts) if query.owners else None
    sockets = [_Socket(row, *_owners(row, pids, table.certainty, known)) for row, pids in table[0]]
    return Snapshot(
        taken_ns=taken_ns,
        listeners=tuple(_listener(one, netns) for one in sockets if _is_listener(one.row)),
        connections=tuple(
            _connection(one, netns)
            for one in sockets
            if query.connections and not _is_listener(one.row)
        ),
        namespaces=(Namespace(netns, pid=os.getpid(), own=True, complete=False),),
        strategy="psutil",
        limits=table.limits + _shortcomings(query),
    )


def _shortcomings(query: Query) -> tuple[str, ...]:
    told = ["Queues, backlogs and interfaces are not known: psutil does not tell them."]
    if query.unix:
        told.append("Unix listeners are not known: psutil does not tell who listens.")
    if query.all_namespaces and psutil.LINUX:
        told.append("Only this network namespace was looked at: psutil knows no others.")
    return tuple(told)


def _own_namespace() -> int:
    """The inode of the network namespace, 0 on systems without them."""
    try:
        return os.stat("/proc/self/ns/net").st_ino
    except OSError:
        return 0


def _read_table(kind: str) -> _Table:
    try:
        if psutil.LINUX:
            return _whole(kind)
        return _grouped((row, row.pid) for row in psutil.net_connections(kind))
    except psutil.AccessDenied:
        # macOS tells only root of the sockets of everybody.
        return by_process(kind)
    except (NotImplementedError, psutil.Error, OSError) as error:
        raise NotSupported("psutil cannot list this system's sockets", why=str(error)) from error


def _whole(kind: str) -> _Table:
    """Linux: psutil gives each socket once, with one of those who hold it."""
    rows = ((_row(told), told.pid) for told in psutil.net_connections(kind))
    sockets = [(row, () if pid is None else (pid,)) for row, pid in rows if row is not None]
    return _Table(sockets, Certainty.AT_LEAST_ONE, ("Of several owners of a socket one is shown.",))


def by_process(kind: str) -> _Table:
    """The sockets of each process that may be asked; what nobody holds is not among them."""
    told: list[tuple[_Told, int | None]] = []
    refused = 0
    for process in psutil.process_iter():
        try:
            told += [(row, process.pid) for row in process.net_connections(kind)]
        except psutil.AccessDenied:
            refused += 1
        except psutil.NoSuchProcess:
            continue
    table = _grouped(told)
    if not refused:
        return table
    hidden = f"Sockets of {refused} processes of other users are not listed; root sees them all."
    return table._replace(limits=(*table.limits, hidden))


def _grouped(told: Iterable[tuple[_Told, int | None]]) -> _Table:
    """Rows that are given once for each holder, joined by the addresses: there is no inode."""
    holders: dict[_Row, set[int]] = {}
    for one, pid in told:
        if (row := _row(one)) is not None:
            holders.setdefault(row, set()).update(() if pid is None else (pid,))
    sockets = [(row, tuple(sorted(pids))) for row, pids in holders.items()]
    joined = "Sockets that share one address (SO_REUSEPORT) are shown as one."
    return _Table(sockets, Certainty.SEEN, (joined,))


def _row(told: _Told) -> _Row | None:
    if not told.laddr:
        return None  # a socket that has no port yet
    remote = (told.raddr[0], told.raddr[1]) if told.raddr else None
    if told.type == socket.SOCK_DGRAM:
        state = TcpState.CLOSED if remote is None else TcpState.ESTABLISHED
        return _Row(Transport.UDP, state, (told.laddr[0], told.laddr[1]), remote)
    state = _STATES.get(told.status, TcpState.CLOSED)
    return _Row(Transport.TCP, state, (told.laddr[0], told.laddr[1]), remote)


def _is_listener(row: _Row) -> bool:
    return row.state is TcpState.LISTEN or (row.transport is Transport.UDP and row.remote is None)


class _Socket(NamedTuple):
    row: _Row
    certainty: Certainty
    owners: tuple[Process, ...]


def _owners(
    row: _Row, pids: tuple[int, ...], certainty: Certainty, known: _Processes | None
) -> tuple[Certainty, tuple[Process, ...]]:
    if row.state in _OWNERLESS:
        return Certainty.UNOWNED, ()
    if known is None or not pids:
        return Certainty.HIDDEN, ()
    return certainty, tuple(one for pid in pids if (one := known.get(pid)) is not None)


def _listener(one: _Socket, netns: int) -> Listener:
    address, _, zone = one.row.local[0].partition("%")
    uid = one.owners[0].uid if one.owners else None
    return Listener(
        endpoint=Endpoint(one.row.transport, address, one.row.local[1], zone or None),
        inode=0,
        netns=netns,
        uid=uid,
        user=None if uid is None else user_name(uid),
        certainty=one.certainty,
        owners=one.owners,
    )


def _connection(one: _Socket, netns: int) -> Connection:
    address, _, zone = one.row.local[0].partition("%")
    remote, remote_port = one.row.remote or ("::" if ":" in address else "0.0.0.0", 0)
    return Connection(
        transport=one.row.transport,
        state=one.row.state,
        local_address=address,
        local_port=one.row.local[1],
        remote_address=remote.partition("%")[0],
        remote_port=remote_port,
        inode=0,
        netns=netns,
        uid=one.owners[0].uid if one.owners else None,
        interface=zone or None,
        certainty=one.certainty,
        owners=one.owners,
    )


class _Processes:
    """Processes as psutil tells of them, each asked once."""

    def __init__(self, *, facts: bool) -> None:
        self._facts = facts
        self._projects = ProjectFinder()
        self._known: dict[int, Process | None] = {}
        self._ancestors: dict[int, Ancestor] = {}
        self._boot = psutil.boot_time()

    def get(self, pid: int) -> Process | None:
        """The process, None when it has ended."""
        if pid not in self._known:
            try:
                self._known[pid] = self._read(psutil.Process(pid))
            except psutil.NoSuchProcess:
                self._known[pid] = None
        return self._known[pid]

    def _read(self, told: psutil.Process) -> Process:
        with told.oneshot():
            brief = self._brief(told)
            return self._with_facts(brief, told) if self._facts else brief

    def _brief(self, told: psutil.Process) -> Process:
        started = told.create_time()
        # On Linux psutil counts ticks since the boot, as the kernel does; elsewhere there is only
        # the time of day.
        origin = self._boot if psutil.LINUX else 0.0
        try:
            uid = told.uids().effective
        except psutil.AccessDenied:
            uid = None
        return Process(
            pid=told.pid,
            start_ticks=round((started - origin) * _TICKS_PER_SECOND),
            started_ns=round(started * 1e9),
            name=told.name(),
            uid=uid,
            user=None if uid is None else user_name(uid),
        )

    def _with_facts(self, brief: Process, told: psutil.Process) -> Process:
        argv, exe, cwd = _argv(told), _path(told, "exe"), _path(told, "cwd")
        return brief._replace(
            argv=argv,
            exe=exe,
            cwd=cwd,
            project=self._project(argv, exe, cwd),
            ancestry=self._ancestry(told),
        )

    def _ancestry(self, told: psutil.Process) -> tuple[Ancestor, ...] | None:
        try:
            parents = told.parents()
        except (psutil.AccessDenied, psutil.NoSuchProcess):
            return None
        # Most have the same ones: the shell, the session, the first process.
        for parent in parents:
            if parent.pid not in self._ancestors:
                self._ancestors[parent.pid] = _ancestor(parent)
        return tuple(self._ancestors[parent.pid] for parent in parents)

    def _project(
        self, argv: tuple[str, ...] | None, exe: str | None, cwd: str | None
    ) -> Project | None:
        found = self._projects.at(cwd) if cwd is not None else None
        return found or self._projects.of_program(argv or (), exe)


def _argv(told: psutil.Process) -> tuple[str, ...] | None:
    try:
        return tuple(told.cmdline())
    except psutil.ZombieProcess:
        return ()
    except (psutil.AccessDenied, OSError):
        return None


def _path(told: psutil.Process, which: str) -> str | None:
    try:
        return (told.exe() if which == "exe" else told.cwd()) or None
    except (psutil.AccessDenied, psutil.ZombieProcess, OSError):
        return None


def _ancestor(told: psutil.Process) -> Ancestor:
    try:
        return Ancestor(told.pid, told.name(), _argv(told) or ())
    except psutil.Error:
        return Ancestor(told.pid, "?", ())
