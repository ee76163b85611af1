"""The portable path, held against what these sockets are and against the fast path.

On Linux psutil reads other files than the fast path does, so the two agree for a reason.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, NamedTuple

import psutil
import pytest

import homeport
from homeport.host import portable
from homeport.host.portable import by_process, portable_snapshot
from homeport.model.endpoint import Endpoint, Transport
from homeport.model.errors import NotSupported
from homeport.model.process import Certainty
from homeport.model.snapshot import Query
from homeport.model.sockets import TcpState
from tests.support import spawn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from homeport.model.process import Process
    from homeport.model.snapshot import Snapshot
    from homeport.model.sockets import Connection, Listener

SELF = os.getpid()

SHARE = """
import os, socket, time
listener = socket.create_server(("127.0.0.1", 0))
print("port", listener.getsockname()[1], flush=True)
child = os.fork()
print("both", flush=True)
time.sleep(600)
"""


class Scene(NamedTuple):
    listeners: dict[str, socket.socket]
    ends: dict[str, socket.socket]


@pytest.fixture
def scene() -> Iterator[Scene]:
    with ExitStack() as stack:

        def made(family: int, kind: int) -> socket.socket:
            return stack.enter_context(socket.socket(family, kind))

        def bound(address: str, kind: int) -> socket.socket:
            one = made(socket.AF_INET6 if ":" in address else socket.AF_INET, kind)
            one.bind((address, 0))
            if kind == socket.SOCK_STREAM:
                one.listen()
            return one

        places = {"four": "127.0.0.1", "all": "0.0.0.0", "six": "::1", "any": "::"}
        listeners = {name: bound(at, socket.SOCK_STREAM) for name, at in places.items()}
        listeners["mapped"] = bound("::ffff:127.0.0.1", socket.SOCK_STREAM)
        listeners["udp"] = bound("127.0.0.1", socket.SOCK_DGRAM)
        ends: dict[str, socket.socket] = {}
        for name in ("four", "six"):
            client = made(listeners[name].family, socket.SOCK_STREAM)
            client.connect(listeners[name].getsockname())
            server = stack.enter_context(listeners[name].accept()[0])
            ends |= {f"{name} client": client, f"{name} server": server}
        ends["udp"] = bound("127.0.0.1", socket.SOCK_DGRAM)
        ends["udp"].connect(listeners["udp"].getsockname())
        yield Scene(listeners, ends)


def endpoint(one: socket.socket) -> Endpoint:
    transport = Transport.TCP if one.type == socket.SOCK_STREAM else Transport.UDP
    return Endpoint(transport, *one.getsockname()[:2])


def listening(taken: Snapshot, one: socket.socket) -> Listener:
    (found,) = [each for each in taken.listeners if each.endpoint == endpoint(one)]
    return found


def connected(taken: Snapshot, one: socket.socket) -> Connection:
    peer = one.getpeername()[:2]
    (found,) = [
        each
        for each in taken.connections
        if each.local == endpoint(one) and (each.remote_address, each.remote_port) == peer
    ]
    return found


def test_listeners(scene: Scene) -> None:
    taken = portable_snapshot()
    for one in scene.listeners.values():
        found = listening(taken, one)
        assert [owner.pid for owner in found.owners] == [SELF]
        assert found.certainty is not Certainty.HIDDEN
        assert found.uid == os.geteuid()
        assert found.user == psutil.Process().username()
        assert (found.backlog, found.v6only, found.cookie, found.behind) == (None,) * 4


def test_connections(scene: Scene) -> None:
    taken = portable_snapshot()
    for one in scene.ends.values():
        found = connected(taken, one)
        assert found.state is TcpState.ESTABLISHED
        assert [owner.pid for owner in found.owners] == [SELF]


def test_nobody_owns_what_is_in_time_wait(scene: Scene) -> None:
    first, last = scene.ends["four client"], scene.ends["four server"]
    ports = {first.getsockname()[1], first.getpeername()[1]}
    first.close()
    last.close()
    taken = portable_snapshot()
    waiting = [one for one in taken.connections if {one.local_port, one.remote_port} == ports]
    assert [(one.state, one.certainty, one.owners) for one in waiting] == [
        (TcpState.TIME_WAIT, Certainty.UNOWNED, ())
    ]


def told(process: Process) -> tuple[object, ...]:
    # Units and containers are Linux's own; the ancestry is compared as a whole.
    facts = process._replace(unit=None, container=None, started_ns=None)
    return (facts, process.started_ns is not None)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the fast path is Linux's")
def test_it_agrees_with_the_fast_path(scene: Scene) -> None:
    slow, fast = portable_snapshot(), homeport.snapshot(all_namespaces=False)
    for one in scene.listeners.values():
        ours, theirs = listening(slow, one), listening(fast, one)
        assert (ours.endpoint, ours.netns) == (theirs.endpoint, theirs.netns)
        assert (ours.uid, ours.user) == (theirs.uid, theirs.user)
        assert list(map(told, ours.owners)) == list(map(told, theirs.owners))
    for one in scene.ends.values():
        here, there = connected(slow, one), connected(fast, one)
        assert (here.local, here.remote, here.state) == (there.local, there.remote, there.state)
        assert [owner.identity for owner in here.owners] == [
            owner.identity for owner in there.owners
        ]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the fast path is Linux's")
def test_every_listener_of_the_machine_is_in_both(scene: Scene) -> None:
    # Sockets of other tests come and go: what was there before and after has to be there between.
    def fast() -> set[tuple[Endpoint, int]]:
        query = Query(unix=False, owners=False, facts=False, all_namespaces=False)
        taken = homeport.snapshot(**query._asdict())
        return {
            (each.endpoint._replace(transport=_plain(each.endpoint.transport), interface=None), 0)
            for each in taken.listeners
            if each.endpoint.port
        }

    def slow() -> set[tuple[Endpoint, int]]:
        return {(each.endpoint, 0) for each in portable_snapshot().listeners}

    looks = [fast(), slow(), fast(), slow()]
    assert looks[0] & looks[2] <= looks[1]
    assert looks[1] & looks[3] <= looks[2]
    assert {(endpoint(one), 0) for one in scene.listeners.values()} <= looks[1]


def _plain(transport: Transport) -> Transport:
    return Transport.TCP if transport is Transport.MPTCP else transport


def test_process_by_process_as_where_the_whole_table_is_refused(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(kind: str) -> list[object]:
        # What macOS answers to an ordinary user; Linux refuses this to nobody.
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil, "net_connections", refused)
    taken = portable_snapshot()
    for one in scene.listeners.values():
        found = listening(taken, one)
        assert [owner.pid for owner in found.owners] == [SELF]
        assert found.certainty is Certainty.SEEN
    for one in scene.ends.values():
        assert connected(taken, one).owners[0].pid == SELF


def test_process_by_process_finds_all_who_share_a_socket() -> None:
    with spawn([sys.executable, "-c", SHARE], ready="both\n(.|\n)*both") as parent:
        port = int(parent.wait_for(r"port (\d+)")[1])
        ((row, pids),) = [
            (row, pids) for row, pids in by_process("tcp").sockets if row.local[1] == port
        ]
        assert row.state is TcpState.LISTEN
        children = [child.pid for child in psutil.Process(parent.pid).children()]
        assert pids == tuple(sorted([parent.pid, *children]))
        assert len(pids) == 2


@pytest.mark.parametrize("error", [NotImplementedError("no such system"), OSError(5, "broken")])
def test_a_system_that_psutil_does_not_know(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(kind: str) -> list[object]:
        raise error

    monkeypatch.setattr(psutil, "net_connections", unknown)
    with pytest.raises(NotSupported) as raised:
        portable_snapshot()
    assert raised.value.why == str(error)


def test_only_what_is_asked_for(scene: Scene) -> None:
    taken = portable_snapshot(Query(connections=False, udp=False, unix=False, owners=False))
    assert taken.connections == ()
    assert all(one.endpoint.transport is Transport.TCP for one in taken.listeners)
    found = listening(taken, scene.listeners["four"])
    assert (found.owners, found.uid, found.user) == ((), None, None)
    assert found.certainty is Certainty.HIDDEN


def test_without_facts(scene: Scene) -> None:
    taken = portable_snapshot(Query(facts=False))
    (owner,) = listening(taken, scene.listeners["four"]).owners
    assert owner.name == psutil.Process().name()
    assert (owner.argv, owner.exe, owner.cwd, owner.project, owner.ancestry) == (None,) * 5


def test_what_it_cannot_tell_is_said() -> None:
    full = portable_snapshot()
    assert full.strategy == "psutil"
    assert any("nix" in limit for limit in full.limits)
    assert any("namespace" in limit for limit in full.limits) is psutil.LINUX
    bare = portable_snapshot(Query(unix=False, all_namespaces=False))
    assert not any("nix" in limit or "namespace" in limit for limit in bare.limits)


def test_the_namespace_is_the_callers_own() -> None:
    (own,) = portable_snapshot().namespaces
    assert own.own
    assert own.inode == (os.stat("/proc/self/ns/net").st_ino if psutil.LINUX else 0)


def test_processes_that_end_while_they_are_read() -> None:
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    processes = portable._Processes(facts=True)
    while child.poll() is None:
        found = processes.get(child.pid)
        assert found is None or found.pid == child.pid
        processes = portable._Processes(facts=True)
    assert portable._Processes(facts=True).get(child.pid) is None


@pytest.mark.root
def test_what_is_hidden_from_an_ordinary_user(scene: Scene) -> None:
    from tests.support import NOBODY, _may_run, _python_for_all, _readable_library, as_user

    argv, env = [sys.executable], {}
    if not _may_run(NOBODY):
        argv, env = [_python_for_all(NOBODY)], {"PYTHONPATH": _readable_library()}
    port = scene.listeners["four"].getsockname()[1]
    code = f"""if True:
        from homeport.host.portable import portable_snapshot
        for one in portable_snapshot().listeners:
            if one.endpoint.port == {port}:
                print(one.certainty.value, one.owners, one.uid)
    """
    variables = [f"{key}={value}" for key, value in env.items()]
    done = as_user(NOBODY, ["env", *variables, *argv, "-c", code])
    assert (done.stderr, done.stdout) == ("", "hidden () None\n")
