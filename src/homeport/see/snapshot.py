"""One look at the machine: the kernel's tables, joined with who holds each socket.

The kernel is asked in the order in which facts go stale: first the socket tables, then the
descriptors that hold the sockets, then the processes behind those.
"""

from __future__ import annotations

import sys

from homeport.model.endpoint import Transport
from homeport.model.errors import HomeportError, NotFound
from homeport.model.snapshot import Snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.host.proc_net import ProcTables
    from homeport.host.processes import ProcessReader
    from homeport.host.sock_diag import DiagTables
    from homeport.model.snapshot import Namespace, Query
    from homeport.model.sockets import Listener
    from homeport.see.rows import Holders, Table


def take(query: Query, *, strategy: str | None = None) -> Snapshot:
    """The sockets that were asked for, and who holds them.

    `strategy` names a way of finding owners, see `host.owners`; None takes the best. Raises
    `HomeportError` where the system cannot be asked. Linux; elsewhere through psutil.
    """
    if not sys.platform.startswith("linux"):
        from homeport.host.portable import portable_snapshot

        return portable_snapshot(query)
    from homeport.host.garbage import collection_paused

    with collection_paused():
        return _taken(query, strategy)


def _taken(query: Query, strategy: str | None) -> Snapshot:
    from homeport.host.clock import Clock
    from homeport.host.processes import ProcessReader
    from homeport.see.rows import Connections, unix_listeners

    taken_ns = Clock().now_ns()
    namespaces, tables, limits = _read_tables(query)
    reader = ProcessReader()
    holders = _holders(tables, query, strategy, reader)
    return Snapshot(
        taken_ns=taken_ns,
        listeners=_listeners(tables, holders, reader, query),
        connections=Connections(tables, holders) if query.connections else (),
        unix_listeners=tuple(each for table in tables for each in unix_listeners(table, holders)),
        namespaces=namespaces,
        strategy=holders.search.strategy,
        limits=limits,
    )


def _read_tables(query: Query) -> tuple[tuple[Namespace, ...], list[Table], tuple[str, ...]]:
    """The tables of every namespace that is wanted and can be read, the caller's own first."""
    from homeport.host import netns

    wanted = netns.find_namespaces(None if query.all_namespaces else {})
    read: list[Namespace] = []
    tables: list[Table] = []
    limits: list[str] = []
    for namespace in wanted if query.all_namespaces else wanted[:1]:
        try:
            with netns.tables_in(namespace) as source:
                tables.append(_table(namespace, source, query))
                read.append(namespace._replace(complete=source.complete))
        except NotFound:
            continue  # its last process ended since it was found
        except HomeportError as error:
            if namespace.own:
                raise
            limits.append(f"{error.what}: {error.why}")
            continue
        limits += _shortcomings(namespace, source)
    return tuple(read), tables, tuple(limits)


def _table(namespace: Namespace, source: DiagTables | ProcTables, query: Query) -> Table:
    from homeport.see.rows import Table

    transports = {Transport.TCP, Transport.MPTCP}
    if query.udp:
        transports.add(Transport.UDP)
    inet = source.inet(listening_only=not query.connections, transports=frozenset(transports))
    indexes = {row.interface for row in inet} - {0}
    names = ((index, source.interface_name(index)) for index in indexes)
    return Table(
        netns=namespace.inode,
        inet=inet,
        unix=source.unix() if query.unix else (),
        interfaces={index: name for index, name in names if name is not None},
    )


def _shortcomings(namespace: Namespace, source: DiagTables | ProcTables) -> list[str]:
    place = "" if namespace.own else f" of network namespace {namespace.name or namespace.inode}"
    told = []
    if source.inconsistent:
        told.append(f"The socket tables{place} kept changing while they were read.")
    if not source.complete:
        told.append(
            f"Of the sockets{place} only what /proc/net tells is known: no backlog, no IPv6-only."
        )
    return told


def _holders(
    tables: list[Table], query: Query, strategy: str | None, reader: ProcessReader
) -> Holders:
    from homeport.host.owners import OwnerSearch, SocketHint, find_owners
    from homeport.host.processes import user_name
    from homeport.see.rows import Holders, is_listener

    if not query.owners:
        nobody_asked = OwnerSearch(holders={}, strategy="none", everything_seen=False)
        return Holders(nobody_asked, {}, user_name)
    unknown = SocketHint()
    wanted: dict[int, SocketHint] = {}
    for table in tables:
        if query.connections:
            wanted |= dict.fromkeys([row.inode for row in table.inet], unknown)
        wanted |= {row.inode: SocketHint(row.uid) for row in table.unix}
        wanted |= {
            row.inode: SocketHint(row.uid, row.cgroup_id) for row in table.inet if is_listener(row)
        }
    wanted.pop(0, None)  # TIME-WAIT and the kernel's own: no descriptor stands for them
    search = find_owners(wanted, strategy=strategy)
    found = {
        pid: reader.process(pid, facts=query.facts, known=search.briefs.get(pid))
        for pid in search.pids()
    }
    processes = {pid: process for pid, process in found.items() if process is not None}
    return Holders(search, processes, user_name)


def _listeners(
    tables: list[Table], holders: Holders, reader: ProcessReader, query: Query
) -> tuple[Listener, ...]:
    from homeport.see.behind import surroundings, with_behind
    from homeport.see.rows import inet_listeners

    found = [each for table in tables for each in inet_listeners(table, holders)]
    found = _with_service_names(found)
    return with_behind(found, surroundings(reader)) if query.facts else tuple(found)


def _with_service_names(listeners: list[Listener]) -> list[Listener]:
    from homeport.host.kernel import services_file
    from homeport.wire.services import names_for

    data = services_file()
    if data is None:
        return listeners
    keys = [_service_key(listener) for listener in listeners]
    names = names_for(data, set(keys))
    return [
        listener._replace(service_name=names[key]) if key in names else listener
        for listener, key in zip(listeners, keys, strict=True)
    ]


def _service_key(listener: Listener) -> tuple[int, str]:
    # The services database knows MPTCP as what it is to its users: TCP.
    transport = listener.endpoint.transport
    known = Transport.TCP if transport is Transport.MPTCP else transport
    return listener.endpoint.port, known.value
