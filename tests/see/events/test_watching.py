"""The watcher on real sockets and real processes."""

from __future__ import annotations

import gc
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from homeport import api
from homeport.host.clock import SECOND_NS, Clock
from homeport.host.sock_diag import DestroyEvents
from homeport.model.endpoint import Transport
from homeport.model.errors import NotSupported
from homeport.model.event import Event, EventKind
from homeport.model.process import Certainty
from homeport.see.events.looking import KernelEnds, KernelTables, PortableTables, ends_here
from homeport.see.events.watch import Pace, Tables, Watch
from tests.support import spawn

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux")
SO_COOKIE = 57
LOOK = Pace(look_ns=SECOND_NS // 20, check_ns=SECOND_NS // 4)


@contextmanager
def watching(*, told: bool = True, udp: bool = False, pace: Pace = LOOK) -> Generator[Watch]:
    ends = KernelEnds(udp=udp) if told else None
    with Watch(KernelTables(udp=udp), clock=Clock(), ends=ends, pace=pace) as watch:
        yield watch


def listening(
    address: str = "127.0.0.1", kind: int = socket.SOCK_STREAM, protocol: int = 0
) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    made = socket.socket(family, kind, protocol)
    made.bind((address, 0))
    if kind == socket.SOCK_STREAM:
        made.listen()
    return made


def port_of(made: socket.socket) -> int:
    return int(made.getsockname()[1])


def until(watch: Watch, wanted: Callable[[Event], bool], *, seconds: float = 10) -> Event:
    """The first event that is wanted; the machine is full of others."""
    deadline = time.monotonic_ns() + int(seconds * SECOND_NS)
    while time.monotonic_ns() < deadline:
        for event in watch.step(deadline):
            if wanted(event):
                return event
    pytest.fail(f"no such event within {seconds} s")


def happened(watch: Watch, kind: EventKind, port: int) -> Event:
    return until(watch, lambda event: (event.kind, event.endpoint.port) == (kind, port))


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_a_listener_opens_and_closes(told: bool, address: str) -> None:  # noqa: FBT001  (a parameter of the test)
    with watching(told=told) as watch:
        made = listening(address)
        port = port_of(made)
        event = happened(watch, EventKind.OPENED, port)
        assert event.endpoint.address == address
        assert event.inode == os.fstat(made.fileno()).st_ino
        assert os.getpid() in [owner.pid for owner in event.owners]
        assert event.certainty is Certainty.SEEN
        made.close()
        event = happened(watch, EventKind.CLOSED, port)
        assert os.getpid() in [owner.pid for owner in event.owners]
        assert port not in [each.endpoint.port for each in watch.listeners]


def test_without_netlink_the_tables_of_proc_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(**_: object) -> None:
        raise NotSupported("no netlink here")

    monkeypatch.setattr("homeport.host.sock_diag.DiagTables", refused)
    monkeypatch.setattr("homeport.host.sock_diag.DestroyEvents", refused)
    ends, doubt = ends_here(udp=False)
    assert ends is None
    assert doubt == "closes are found by looking, up to a second late: no netlink here"
    _opens_and_closes(KernelTables(udp=False))


@pytest.mark.slow
def test_the_portable_tables_do_too() -> None:
    _opens_and_closes(PortableTables(udp=False))


def _opens_and_closes(tables: Tables) -> None:
    with Watch(tables, clock=Clock(), pace=LOOK) as watch:
        made = listening()
        port = port_of(made)
        assert os.getpid() in [o.pid for o in happened(watch, EventKind.OPENED, port).owners]
        made.close()
        assert happened(watch, EventKind.CLOSED, port)


def test_a_close_is_told_long_before_the_next_look() -> None:
    with listening() as made, watching(pace=Pace(look_ns=3600 * SECOND_NS)) as watch:
        port = port_of(made)
        assert port in [each.endpoint.port for each in watch.listeners]
        before = time.time_ns()
        made.close()
        event = happened(watch, EventKind.CLOSED, port)
        assert before <= event.at_ns <= time.time_ns()


def test_a_listener_that_lives_between_two_looks_is_seen() -> None:
    with watching(pace=Pace(look_ns=3600 * SECOND_NS)) as watch:
        with listening() as made:
            port = port_of(made)
        event = happened(watch, EventKind.PASSED, port)
        assert event.endpoint.address == "127.0.0.1"


def test_a_refused_connection_is_no_listener_that_passed() -> None:
    with listening() as made:
        closed_port = port_of(made)
    with watching(pace=Pace(look_ns=3600 * SECOND_NS)) as watch:
        client = socket.socket()
        with pytest.raises(ConnectionRefusedError):
            client.connect(("127.0.0.1", closed_port))
        client_port = port_of(client)
        client.close()
        with listening() as made:
            port = port_of(made)
        seen: list[Event] = []

        def is_ours(event: Event) -> bool:
            seen.append(event)
            return event.endpoint.port == port

        until(watch, is_ours)
        assert client_port not in [event.endpoint.port for event in seen]


def test_connections_that_end_are_not_told() -> None:
    with listening() as server, watching(pace=Pace(look_ns=3600 * SECOND_NS)) as watch:
        client = socket.create_connection(server.getsockname())
        accepted, _ = server.accept()
        accepted.close()
        client.close()
        port = port_of(server)
        server.close()
        event = until(watch, lambda event: event.endpoint.port == port)
        assert event.kind is EventKind.CLOSED


def test_udp_is_watched_only_when_asked_for() -> None:
    with watching(udp=True) as watch, watching() as without:
        made = listening(kind=socket.SOCK_DGRAM)
        port = port_of(made)
        event = happened(watch, EventKind.OPENED, port)
        assert event.endpoint.transport is Transport.UDP
        made.close()
        assert happened(watch, EventKind.CLOSED, port)
        with listening() as marker:
            tcp_port = port_of(marker)
            event = until(without, lambda event: event.endpoint.port in {port, tcp_port})
            assert event.endpoint.transport is Transport.TCP


def test_mptcp_listeners_come_and_go_as_one() -> None:
    try:
        made = listening(protocol=262)
    except OSError as error:
        pytest.skip(f"this kernel has no MPTCP: {error}")
    made.close()
    with watching() as watch:
        made = listening(protocol=262)
        port = port_of(made)
        told = [happened(watch, EventKind.OPENED, port)]
        made.close()
        with listening() as marker:
            last = port_of(marker)
            told += _all_until(watch, last)
    # The TCP socket within it is in the kernel's table, too, as `ss` shows it.
    mine = [(each.kind, each.endpoint.transport) for each in told if each.endpoint.port == port]
    assert mine == [(EventKind.OPENED, Transport.MPTCP), (EventKind.CLOSED, Transport.MPTCP)]


def _all_until(watch: Watch, port: int) -> list[Event]:
    told: list[Event] = []

    def is_last(event: Event) -> bool:
        told.append(event)
        return event.endpoint.port == port

    until(watch, is_last)
    return told


def test_a_fork_is_a_new_owner() -> None:
    code = (
        "import os, socket, sys\n"
        "s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen()\n"
        "print('port', s.getsockname()[1], flush=True)\n"
        "while not os.path.exists(sys.argv[1]): pass\n"
        "pid = os.fork()\n"
        "if pid: print('child', pid, flush=True)\n"
        "import time; time.sleep(600)\n"
    )
    place = f"/tmp/homeport-fork-{os.getpid()}-{threading.get_ident()}"
    try:
        with spawn([sys.executable, "-c", code, place]) as server:
            port = int(server.wait_for(r"port (\d+)")[1])
            with watching() as watch:
                assert port in [each.endpoint.port for each in watch.listeners]
                open(place, "wb").close()
                event = happened(watch, EventKind.OWNER_CHANGED, port)
                child = int(server.wait_for(r"child (\d+)")[1])
                assert [owner.pid for owner in event.previous] == [server.pid]
                assert sorted(owner.pid for owner in event.owners) == sorted([server.pid, child])
    finally:
        os.unlink(place)


def test_a_socket_that_is_handed_over_is_a_new_owner() -> None:
    code = (
        "import os, socket, sys, time\n"
        "channel = socket.socket(fileno=int(sys.argv[1]))\n"
        "message, descriptors, *_ = socket.recv_fds(channel, 10, 1)\n"
        "print('received', flush=True)\n"
        "time.sleep(600)\n"
    )
    made = listening()
    port = port_of(made)
    ours, theirs = socket.socketpair()
    argv = [sys.executable, "-c", code, str(theirs.fileno())]
    process = subprocess.Popen(argv, pass_fds=[theirs.fileno()], stdout=subprocess.PIPE)
    try:
        with watching() as watch:
            socket.send_fds(ours, [b"take it"], [made.fileno()])
            assert process.stdout is not None
            assert process.stdout.readline() == b"received\n"
            made.close()
            event = until(
                watch,
                lambda event: (
                    event.kind is EventKind.OWNER_CHANGED
                    and event.endpoint.port == port
                    and [owner.pid for owner in event.owners] == [process.pid]
                ),
            )
            assert process.pid not in [owner.pid for owner in event.previous] or event.previous
            process.kill()
            assert happened(watch, EventKind.CLOSED, port)
    finally:
        process.kill()
        process.communicate()
        ours.close()
        theirs.close()


def test_an_overflow_of_endings_loses_nothing() -> None:
    """More sockets end than the kernel keeps for us: looking finds what was not told."""
    ends = KernelEnds(udp=False)
    # The smallest buffer that the kernel allows.
    ends._events._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    with (
        Watch(KernelTables(udp=False), clock=Clock(), ends=ends, pace=LOOK) as watch,
        DestroyEvents() as attentive,
    ):
        made = [listening() for _ in range(100)]
        ports = {port_of(each) for each in made}
        cookies = {_cookie(each) for each in made}
        while ports - {each.endpoint.port for each in watch.listeners}:
            watch.step()
        for each in made:
            each.close()
        while cookies:
            cookies -= {row.cookie for row in attentive.read().rows}
        time_up = time.monotonic_ns() + 20 * SECOND_NS
        closed: list[int] = []
        while set(closed) != ports:
            assert time.monotonic_ns() < time_up
            closed += [
                event.endpoint.port
                for event in watch.step(time_up)
                if event.kind is EventKind.CLOSED and event.endpoint.port in ports
            ]
        assert len(closed) == len(ports)
        assert "more sockets ended at once than the kernel could tell" in watch.notices()


def _cookie(made: socket.socket) -> int | None:
    return int.from_bytes(made.getsockopt(socket.SOL_SOCKET, SO_COOKIE, 8), sys.byteorder)


def test_the_public_watch_is_an_iterator_that_another_thread_can_end() -> None:
    with api.watch(interval_s=0.02) as watch:
        made = listening()
        port = port_of(made)
        for event in watch:
            if event.endpoint.port == port and event.kind is EventKind.OPENED:
                threading.Thread(target=watch.stop).start()
        made.close()
        assert watch.stopped


@pytest.mark.slow
def test_a_watch_gives_its_descriptors_back(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    def descriptors() -> int:
        gc.collect()
        return len(os.listdir("/proc/self/fd"))

    with api.watch(record=True):
        pass
    before = descriptors()
    for _ in range(3):
        with api.watch(record=True) as watch:
            watch.step(time.monotonic_ns())
    assert descriptors() == before


@pytest.mark.slow
def test_a_quiet_machine_costs_little(tmp_path: object) -> None:
    """Not a benchmark: it only catches a look that has become tens of times dearer."""
    with watching(pace=Pace()) as watch:
        watch.step(time.monotonic_ns())
        before, start = time.thread_time_ns(), time.monotonic_ns()
        while time.monotonic_ns() < start + 2 * SECOND_NS:
            watch.step(start + 2 * SECOND_NS)
        assert (time.thread_time_ns() - before) / (time.monotonic_ns() - start) < 0.1
