"""Real sockets of every kind, each to appear in the kernel's tables as what it is."""

from __future__ import annotations

import gc
import os
import select
import socket
import struct
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest

from homeport.host import sock_diag
from homeport.host.proc_net import ProcTables
from homeport.host.sock_diag import DestroyEvents, DiagTables, read_inet, read_unix
from homeport.model.endpoint import Transport
from homeport.model.errors import BrokenMessage, HomeportError, NotPermitted, NotSupported
from homeport.wire.inet_diag import InetParser, InetRow, address_text
from homeport.wire.netlink import DONE, HEADER, NOOP, Dump, request
from tests.support import wait_until
from tests.wire.recordings import messages, recorded

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

TCP = frozenset({Transport.TCP})
UDP = frozenset({Transport.UDP})
ALL = frozenset({Transport.TCP, Transport.UDP, Transport.MPTCP})
ESTABLISHED, TIME_WAIT, CLOSE, LISTEN, BOUND_INACTIVE = 1, 6, 7, 10, 13

BINDINGS = [
    (socket.AF_INET, "127.0.0.1"),
    (socket.AF_INET, "127.7.7.7"),
    (socket.AF_INET, "0.0.0.0"),
    (socket.AF_INET6, "::1"),
    (socket.AF_INET6, "::"),
    (socket.AF_INET6, "::ffff:127.0.0.1"),
]


def inode_of(made: socket.socket) -> int:
    return os.fstat(made.fileno()).st_ino


def row_of(made: socket.socket, rows: list[InetRow]) -> InetRow:
    (row,) = [row for row in rows if row.inode == inode_of(made)]
    return row


def bound(family: int, address: str, kind: int = socket.SOCK_STREAM) -> socket.socket:
    made = socket.socket(family, kind)
    made.bind((address, 0))
    return made


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


@pytest.mark.parametrize(("family", "address"), BINDINGS)
def test_a_tcp_listener_appears_as_bound(stack: ExitStack, family: int, address: str) -> None:
    server = stack.enter_context(bound(family, address))
    server.listen(17)
    row = row_of(server, read_inet(listening_only=True, transports=TCP))
    assert (row.transport, row.family, row.state) == (Transport.TCP, family, LISTEN)
    assert address_text(row.local, row.family) == address
    assert row.local_port == server.getsockname()[1]
    assert (row.remote, row.remote_port) == (bytes(16), 0)
    assert (row.receive_queue, row.send_queue) == (0, 17)
    assert (row.uid, row.interface) == (os.getuid(), 0)
    assert row.cookie == struct.unpack("=Q", server.getsockopt(socket.SOL_SOCKET, 57, 8))[0]


@pytest.mark.parametrize("v6only", [True, False])
@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_v6only_is_told(stack: ExitStack, kind: int, *, v6only: bool) -> None:
    server = stack.enter_context(socket.socket(socket.AF_INET6, kind))
    server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, v6only)
    server.bind(("::", 0))
    if kind == socket.SOCK_STREAM:
        server.listen()
    assert row_of(server, read_inet(listening_only=True, transports=ALL)).v6only is v6only


def test_connections_that_wait_for_accept_are_counted(stack: ExitStack) -> None:
    server = stack.enter_context(bound(socket.AF_INET, "127.0.0.1"))
    server.listen()
    for _ in range(3):
        stack.enter_context(socket.create_connection(server.getsockname()))
    assert row_of(server, read_inet(listening_only=True, transports=TCP)).receive_queue == 3


def test_both_ends_of_a_connection_and_their_queues(stack: ExitStack) -> None:
    server = stack.enter_context(bound(socket.AF_INET6, "::1"))
    server.listen()
    client = stack.enter_context(socket.create_connection(server.getsockname()[:2]))
    accepted = stack.enter_context(server.accept()[0])
    client.send(b"12345")
    select.select([accepted], [], [], 5)
    rows = read_inet(listening_only=False, transports=TCP)
    ours, theirs = row_of(client, rows), row_of(accepted, rows)
    assert (ours.state, theirs.state) == (ESTABLISHED, ESTABLISHED)
    assert (ours.local_port, ours.remote_port) == (theirs.remote_port, theirs.local_port)
    assert (ours.local, ours.remote) == (theirs.remote, theirs.local)
    assert theirs.receive_queue == 5
    assert row_of(server, rows).state == LISTEN


def test_time_wait_stays_behind_without_inode(stack: ExitStack) -> None:
    server = stack.enter_context(bound(socket.AF_INET, "127.0.0.1"))
    server.listen()
    client = socket.create_connection(server.getsockname())
    port = client.getsockname()[1]
    accepted = server.accept()[0]
    client.close()
    accepted.close()

    def left() -> list[InetRow]:
        rows = read_inet(listening_only=False, transports=TCP)
        return [row for row in rows if row.local_port == port and row.state == TIME_WAIT]

    (row,) = wait_until(left, what="TIME-WAIT")
    assert (row.inode, row.timer) == (0, 3)
    assert 0 < row.expires_ms <= 60_000


def test_udp_listens_until_it_is_connected(stack: ExitStack) -> None:
    free = stack.enter_context(bound(socket.AF_INET, "127.0.0.1", socket.SOCK_DGRAM))
    tied = stack.enter_context(bound(socket.AF_INET, "127.0.0.1", socket.SOCK_DGRAM))
    tied.connect(free.getsockname())
    everything = read_inet(listening_only=False, transports=UDP)
    assert row_of(free, everything).state == CLOSE
    assert row_of(tied, everything).state == ESTABLISHED
    listening = {row.inode for row in read_inet(listening_only=True, transports=UDP)}
    assert inode_of(free) in listening
    assert inode_of(tied) not in listening


def test_a_socket_bound_to_a_device_names_its_interface(stack: ExitStack) -> None:
    made = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    made.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo")
    made.bind(("127.0.0.1", 0))
    with DiagTables() as tables:
        row = row_of(made, tables.inet(listening_only=True, transports=UDP))
        assert tables.interface_name(row.interface) == "lo"
        assert tables.interface_name(0x7FFFFFFF) is None


def test_a_bound_tcp_socket_that_does_nothing_is_told_apart(stack: ExitStack) -> None:
    idle = stack.enter_context(bound(socket.AF_INET, "127.0.0.1"))
    with DiagTables() as tables:
        rows = tables.inet(listening_only=False, transports=TCP)
        assert inode_of(idle) not in {row.inode for row in rows}
        row = row_of(idle, tables.bound())
    assert (row.state, row.local_port) == (BOUND_INACTIVE, idle.getsockname()[1])


def test_an_mptcp_listener_is_one_and_rests_on_a_tcp_one(stack: ExitStack) -> None:
    try:
        server = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_MPTCP)
    except OSError as error:
        pytest.skip(f"this kernel has no MPTCP: {error}")
    stack.enter_context(server)
    server.bind(("127.0.0.1", 0))
    server.listen(9)
    rows = [row for row in read_inet(listening_only=True, transports=ALL) if row.inode]
    ours = [row for row in rows if row.inode == inode_of(server)]
    assert {row.transport for row in ours} == {Transport.TCP, Transport.MPTCP}
    assert {(row.local_port, row.send_queue) for row in ours} == {(server.getsockname()[1], 9)}


def test_only_the_transports_that_are_asked_for_are_read(stack: ExitStack) -> None:
    stack.enter_context(bound(socket.AF_INET, "127.0.0.1")).listen()
    stack.enter_context(bound(socket.AF_INET, "127.0.0.1", socket.SOCK_DGRAM))
    for wanted in (TCP, UDP):
        rows = read_inet(listening_only=True, transports=wanted)
        assert {row.transport for row in rows} == wanted
    assert read_inet(listening_only=True, transports=frozenset()) == []


def test_unix_listeners_appear_under_the_name_that_was_bound(
    stack: ExitStack, tmp_path: Path
) -> None:
    tag = str(os.getpid()).encode()
    names = [os.fsencode(tmp_path) + b"/s", os.fsencode(tmp_path) + b"/\xff", b"\0a\0" + tag]
    servers = [stack.enter_context(socket.socket(socket.AF_UNIX)) for _ in names]
    for server, name in zip(servers, names, strict=True):
        server.bind(name)
        server.listen(3)
    rows = {row.inode: row for row in read_unix()}
    assert [rows[inode_of(server)].name for server in servers] == names
    row = rows[inode_of(servers[0])]
    assert (row.kind, row.state, row.send_queue, row.uid) == ("stream", LISTEN, 3, os.getuid())


def test_unix_sockets_that_do_not_listen_appear_when_all_are_asked_for(stack: ExitStack) -> None:
    one, other = socket.socketpair()
    stack.enter_context(one)
    stack.enter_context(other)
    inodes = {inode_of(one), inode_of(other)}
    assert not inodes & {row.inode for row in read_unix()}
    assert inodes <= {row.inode for row in read_unix(listening_only=False)}


@pytest.mark.parametrize("listening_only", [True, False])
def test_sock_diag_and_proc_net_agree(stack: ExitStack, *, listening_only: bool) -> None:
    for family, address in BINDINGS:
        server = stack.enter_context(bound(family, address))
        server.listen()
        stack.enter_context(socket.create_connection(server.getsockname()[:2]))
        stack.enter_context(server.accept()[0])
        stack.enter_context(bound(family, address, socket.SOCK_DGRAM))
    wanted = TCP | UDP
    with ProcTables("self") as proc, DiagTables() as diag:
        # Other tests come and go: what stands in both tables has to be told alike.
        told = {row.inode: row for row in proc.inet(listening_only=False, transports=wanted)}
        rows = diag.inet(listening_only=listening_only, transports=wanted)
    compared = [row for row in rows if row.inode in told and row.inode]
    assert len(compared) >= (12 if listening_only else 24)
    for row in compared:
        other = told[row.inode]
        assert row.transport is other.transport
        assert (row.family, row.uid) == (other.family, other.uid)
        assert (row.local, row.local_port) == (other.local, other.local_port)


def test_garbage_collection_is_as_it_was() -> None:
    assert gc.isenabled()
    read_inet(listening_only=False, transports=TCP)
    assert gc.isenabled()
    gc.disable()
    try:
        read_inet(listening_only=False, transports=TCP)
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_where_netlink_is_forbidden_the_text_tables_are_read(
    monkeypatch: pytest.MonkeyPatch, stack: ExitStack
) -> None:
    # A seccomp filter of a container answers so; none can be put on the process of the tests.
    def forbidden(*_: object, **__: object) -> socket.socket:
        raise NotPermitted("no netlink here")

    server = stack.enter_context(bound(socket.AF_INET, "127.0.0.1"))
    server.listen()
    monkeypatch.setattr(sock_diag, "_opened", forbidden)
    row = row_of(server, read_inet(listening_only=True, transports=TCP))
    assert (row.state, row.cookie) == (LISTEN, None)


class Kernel:
    """Stands in for the kernel, which cannot be brought to answer wrongly."""

    def __init__(self, tables: DiagTables, replying: socket.socket) -> None:
        self._port_id = tables._port_id
        self._replying = replying

    def reply(self, sequence: int, *parts: bytes, flags: int = 2) -> None:
        for part in parts:
            head = HEADER.pack(len(part), 20, flags, sequence, self._port_id)
            self._replying.send(head + part[16:])

    def end(self, sequence: int, errno: int = 0) -> None:
        end = struct.pack("=i", -errno)
        self._replying.send(HEADER.pack(20, DONE, 2, sequence, self._port_id) + end)


@contextmanager
def staged() -> Generator[tuple[DiagTables, Kernel]]:
    asking, replying = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with DiagTables() as tables, asking, replying:
        tables._socket.close()
        tables._socket = asking
        asking.settimeout(5)
        yield tables, Kernel(tables, replying)


ONE = messages(recorded("tcp4-nobody"))[0]


def test_an_interrupted_dump_is_asked_again() -> None:
    with staged() as (tables, kernel):
        kernel.reply(1, ONE, flags=0x12)
        kernel.end(1)
        kernel.reply(2, ONE, ONE)
        kernel.end(2)
        kernel.end(3)
        rows = tables.inet(listening_only=True, transports=TCP)
    assert len(rows) == 2
    assert not tables.inconsistent


def test_a_table_that_never_stands_still_is_called_inconsistent() -> None:
    with staged() as (tables, kernel):
        for sequence in (1, 2, 3):
            kernel.reply(sequence, ONE, flags=0x12)
            kernel.end(sequence)
        kernel.end(4)
        rows = tables.inet(listening_only=True, transports=TCP)
    assert len(rows) == 1
    assert tables.inconsistent


def test_a_table_that_the_kernel_does_not_have_is_read_from_proc(stack: ExitStack) -> None:
    server = stack.enter_context(bound(socket.AF_INET, "127.0.0.1"))
    server.listen()
    pair = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with pair[0], pair[1], staged() as (tables, kernel):
        kernel.end(1, errno=2)
        row = row_of(server, tables.inet(listening_only=True, transports=TCP))
        kernel.end(2, errno=2)
        kernel.end(3, errno=2)
        assert tables.bound() == []
        found = {row.inode: row.kind for row in tables.unix(listening_only=False)}
        assert found[inode_of(pair[0])] == "dgram"
    assert (row.state, row.cookie) == (LISTEN, None)
    assert tables.unsupported == {Transport.TCP, Transport.UNIX}
    assert not tables.complete


def test_a_kernel_without_mptcp_is_stated(tmp_path: Path) -> None:
    with DiagTables(proc=str(tmp_path)) as tables:
        directory = tmp_path / "thread-self" / "net"
        directory.mkdir(parents=True)
        (directory / "protocols").write_text("protocol  size sockets\nTCP       2432      2\n")
        assert tables.inet(listening_only=True, transports=frozenset({Transport.MPTCP})) == []
    assert tables.unsupported == {Transport.MPTCP}
    assert tables.complete


def test_where_no_process_lives_there_is_no_table_in_proc_to_read() -> None:
    with staged() as (tables, kernel):
        tables._pid = None
        kernel.end(1, errno=2)
        with pytest.raises(NotSupported):
            tables.inet(listening_only=True, transports=TCP)


def test_a_refusal_is_translated() -> None:
    with staged() as (tables, kernel):
        kernel.end(1, errno=1)
        with pytest.raises(NotPermitted, match="closed to this user"):
            tables.inet(listening_only=True, transports=TCP)


@pytest.mark.parametrize("sequence", [0, 2])
def test_an_answer_to_another_question_is_refused(sequence: int) -> None:
    with staged() as (tables, kernel):
        kernel.reply(sequence, ONE)
        with pytest.raises(BrokenMessage, match="another request"):
            tables.inet(listening_only=True, transports=TCP)


def test_an_answer_that_is_cut_off_is_refused() -> None:
    with staged() as (tables, kernel):
        kernel._replying.send(ONE[:60])
        with pytest.raises(BrokenMessage):
            tables.inet(listening_only=True, transports=TCP)


def test_an_answer_larger_than_the_buffer_is_refused() -> None:
    with staged() as (tables, kernel):
        kernel._replying.send(bytes(70_000))
        with pytest.raises(BrokenMessage, match="did not fit"):
            tables.inet(listening_only=True, transports=TCP)


def test_a_kernel_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sock_diag, "TIMEOUT_MS", 20)
    with DiagTables() as tables:
        parser = InetParser(Dump(tables._port_id, 1), Transport.TCP)
        # The kernel answers no message of kind NOOP.
        with pytest.raises(HomeportError, match="did not answer within 20 ms"):
            tables._collect(request(NOOP, 1, b"", flags=0), parser)


def test_a_system_without_netlink_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(socket, "AF_NETLINK")
    with pytest.raises(NotSupported, match="NETLINK_SOCK_DIAG"):
        DiagTables()


def closed_rows(events: DestroyEvents, cookie: int) -> list[InetRow]:
    return [row for row in events.read().rows if row.cookie == cookie]


@pytest.mark.parametrize(("family", "address"), BINDINGS)
@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_closing_a_socket_is_told_with_its_cookie(family: int, address: str, kind: int) -> None:
    with DestroyEvents() as events:
        made = bound(family, address, kind)
        if kind == socket.SOCK_STREAM:
            made.listen()
        row = row_of(made, read_inet(listening_only=True, transports=ALL))
        assert row.cookie is not None
        made.close()
        (closed,) = wait_until(lambda: closed_rows(events, row.cookie or 0))
        assert (closed.transport, closed.local) == (row.transport, row.local)
        assert closed.local_port == row.local_port


def test_nothing_closed_is_nothing_told_and_does_not_wait(stack: ExitStack) -> None:
    made = stack.enter_context(bound(socket.AF_INET, "127.0.0.1"))
    with DestroyEvents() as events:
        told = events.read()
    assert made.getsockname()[1] not in {row.local_port for row in told.rows}
    assert not told.missed


def test_an_event_wakes_a_select_and_connections_can_be_left_out(stack: ExitStack) -> None:
    server = stack.enter_context(bound(socket.AF_INET, "127.0.0.1"))
    server.listen()
    port = server.getsockname()[1]
    with DestroyEvents(unconnected_only=True) as few, DestroyEvents() as every:
        client = socket.create_connection(server.getsockname())
        server.accept()[0].close()
        client.close()
        server.close()

        assert 0 in peers_of_closed(every, port, count=2)
        assert peers_of_closed(few, port, count=1) == {0}


def peers_of_closed(events: DestroyEvents, port: int, *, count: int) -> set[int]:
    """The remote ports of what was closed on a port, once there are so many."""
    peers: set[int] = set()
    while len(peers) < count:
        assert select.select([events], [], [], 5)[0] == [events]
        peers |= {row.remote_port for row in events.read().rows if row.local_port == port}
    return peers


def test_events_that_were_lost_are_told_as_missed() -> None:
    with DestroyEvents() as events:
        events._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        for _ in range(200):
            bound(socket.AF_INET, "127.0.0.1", socket.SOCK_DGRAM).close()
        assert wait_until(lambda: events.read().missed)
        events._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        made = bound(socket.AF_INET, "127.0.0.1", socket.SOCK_DGRAM)
        row = row_of(made, read_inet(listening_only=True, transports=UDP))
        made.close()
        assert wait_until(lambda: closed_rows(events, row.cookie or 0))
