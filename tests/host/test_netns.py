"""Namespaces made for the test: found, entered by root, and read from outside by anybody."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, NamedTuple

import pytest

from homeport.host.netns import current_inode, find_namespaces, in_namespace, tables_in
from homeport.host.proc_net import ProcTables
from homeport.model.endpoint import Transport
from homeport.model.errors import HomeportError, NotFound, NotPermitted
from homeport.model.snapshot import Namespace
from tests.support import NOBODY, as_user, homeport_command, need, network_namespace, spawn

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from homeport.host.sock_diag import DiagTables

TCP = frozenset({Transport.TCP})
LISTENS = (
    "import socket, sys, time; made = socket.create_server(('127.0.0.1', 0));"
    "print('port', made.getsockname()[1], flush=True); sys.stdin.read(); time.sleep(600)"
)
LISTENS_WITHOUT_LO = LISTENS.replace("127.0.0.1", "0.0.0.0")
PORT = r"port (\d+)"


class Inside(NamedTuple):
    """A listener in a namespace of its own."""

    name: str
    inode: int
    pid: int
    port: int


@pytest.fixture(scope="module")
def inside() -> Iterator[Inside]:
    with network_namespace() as place:
        argv = place.command(sys.executable, "-I", "-S", "-c", LISTENS)
        with spawn(argv, ready=PORT) as child:
            port = int(child.wait_for(PORT)[1])
            yield Inside(place.name, os.stat(f"/run/netns/{place.name}").st_ino, child.pid, port)


def found(
    inode: int, *, known: dict[int, int] | None = None, pids: list[int] | None = None
) -> Namespace:
    (place,) = [each for each in find_namespaces(known, pids=pids) if each.inode == inode]
    return place


def ports(tables: DiagTables | ProcTables) -> set[int]:
    return {row.local_port for row in tables.inet(listening_only=True, transports=TCP)}


def test_the_own_namespace_comes_first_and_is_known_by_its_inode() -> None:
    own = find_namespaces({})[0]
    assert own.own
    assert own.inode == current_inode() == os.stat("/proc/self/ns/net").st_ino
    with tables_in(own) as tables:
        assert tables.complete


def test_a_proc_that_cannot_be_read_leaves_the_own_namespace_unknown(tmp_path: Path) -> None:
    assert current_inode(proc=str(tmp_path)) == 0
    (own,) = find_namespaces(proc=str(tmp_path), directories=())
    assert (own.inode, own.own) == (0, True)


@pytest.mark.root
def test_a_namespace_is_found_by_its_process_and_by_its_name(inside: Inside) -> None:
    place = found(inside.inode)
    assert (place.name, place.own) == (inside.name, False)
    assert place.pid == inside.pid
    assert found(inside.inode, pids=[inside.pid]).pid == inside.pid
    assert found(inside.inode, known={}).pid is None
    assert found(inside.inode, known={inside.inode: 77}).pid == 77


@pytest.mark.root
def test_every_namespace_is_found_once(inside: Inside) -> None:
    inodes = [place.inode for place in find_namespaces()]
    assert inside.inode in inodes
    assert len(inodes) == len(set(inodes))


@pytest.mark.root
@pytest.mark.parametrize("by", ["name", "pid"])
def test_root_reads_the_tables_inside(inside: Inside, by: str) -> None:
    name, pid = (inside.name, None) if by == "name" else (None, inside.pid)
    with tables_in(Namespace(inode=inside.inode, name=name, pid=pid)) as tables:
        assert tables.complete
        assert ports(tables) == {inside.port}
        assert tables.interface_name(1) == "lo"
        assert tables.unix() == []


@pytest.mark.root
def test_the_calling_thread_stays_where_it_is(inside: Inside) -> None:
    before = current_inode()
    place = found(inside.inode)
    assert in_namespace(place, current_inode) == inside.inode
    assert current_inode() == before
    assert in_namespace(place, threading.get_ident) != threading.get_ident()


@pytest.mark.root
def test_what_fails_inside_is_raised_outside(inside: Inside) -> None:
    with pytest.raises(ZeroDivisionError):
        in_namespace(found(inside.inode), lambda: 1 // 0)


@pytest.mark.root
def test_another_namespace_under_the_same_pid_is_not_entered(inside: Inside) -> None:
    stale = Namespace(inode=inside.inode + 1_000_000, pid=inside.pid, name=inside.name)
    with pytest.raises(NotFound, match="has gone"):
        tables_in(stale)


@pytest.mark.root
@pytest.mark.root
def test_where_no_thread_may_be_started_a_namespace_is_not_entered() -> None:
    script = """
import os, resource
from homeport.host.netns import in_namespace
from homeport.model.errors import NotPermitted
from homeport.model.snapshot import Namespace
import threading
os.setuid(54321)
resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
try:
    in_namespace(Namespace(inode=1, pid=1), os.getpid)
except NotPermitted as error:
    print(error.why)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.stdout == "can't start new thread\n", done.stderr


def test_a_namespace_that_has_gone_is_said_to_have(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="has gone"):
        tables_in(Namespace(inode=1, name="no-such-namespace"))
    with pytest.raises(NotFound, match="has gone"):
        ProcTables(1, proc=str(tmp_path)).inet(listening_only=True, transports=TCP)


@pytest.mark.root
def test_a_name_whose_namespace_is_not_mounted_is_not_taken_for_one(tmp_path: Path) -> None:
    (tmp_path / "left-behind").touch()
    assert all(
        place.name != "left-behind"
        for place in find_namespaces({}, directories=[str(tmp_path), "/no/such/directory"])
    )


def test_the_text_tables_tell_of_the_same_listener(tmp_path: Path) -> None:
    with spawn([sys.executable, "-I", "-S", "-c", LISTENS], ready=PORT) as child:
        port = int(child.wait_for(PORT)[1])
        tables = ProcTables(child.pid)
        assert port in ports(tables)
        assert not tables.complete
        assert tables.interface_name(1) is None
        assert tables.bound() == []
    with pytest.raises(NotFound):
        ProcTables(child.pid).unix()
    with pytest.raises(HomeportError):
        ProcTables("..", proc=str(tmp_path / "no")).unix()


def test_mptcp_is_stated_as_missing_from_the_text_tables() -> None:
    tables = ProcTables("self")
    tables.inet(listening_only=True, transports=frozenset({Transport.MPTCP}))
    assert tables.unsupported == {Transport.MPTCP}


AS_ORDINARY_USER = """
import json, sys
from homeport.host.netns import find_namespaces, tables_in
from homeport.host.sock_diag import DestroyEvents
from homeport.model.endpoint import Transport
from homeport.model.errors import HomeportError
said = []
for place in find_namespaces():
    try:
        with tables_in(place) as tables:
            rows = tables.inet(listening_only=True, transports=frozenset({Transport.TCP}))
            said.append([place.inode, tables.complete, [row.local_port for row in rows]])
    except HomeportError as error:
        said.append([place.inode, type(error).__name__, str(error)])
with DestroyEvents() as events:
    import socket
    made = socket.socket(type=socket.SOCK_DGRAM)
    made.bind(("127.0.0.1", 0))
    port = made.getsockname()[1]
    made.close()
    import select
    select.select([events], [], [], 5)
    told = port in [row.local_port for row in events.read().rows]
print(json.dumps([said, told]))
"""


def asked_by_nobody() -> tuple[dict[int, list[object]], bool]:
    """What an ordinary user finds, by inode, and whether close events reach him."""
    argv, env = homeport_command(NOBODY)
    python = argv[0] if len(argv) > 1 else sys.executable
    variables = [f"{name}={value}" for name, value in env.items()]
    done = as_user(NOBODY, ["env", *variables, python, "-c", AS_ORDINARY_USER])
    assert done.returncode == 0, done.stderr
    said, told = json.loads(done.stdout)
    return {inode: rest for inode, *rest in said}, told


@pytest.mark.root
def test_an_ordinary_user_is_told_what_he_may_not_enter(inside: Inside) -> None:
    said, told = asked_by_nobody()
    kind, text = said[inside.inode]
    assert kind == NotPermitted.__name__
    assert "CAP_SYS_ADMIN" in str(text)
    assert "run as root" in str(text)
    assert told


@pytest.mark.root
def test_an_ordinary_user_reads_the_text_tables_of_his_own_namespace(inside: Inside) -> None:
    unshare = need("unshare", package="util-linux")
    become = ["setpriv", f"--reuid={NOBODY.uid}", f"--regid={NOBODY.gid}", "--clear-groups"]
    argv = [unshare, "--net", *become, "/usr/bin/python3", "-I", "-S", "-c", LISTENS_WITHOUT_LO]
    with spawn(argv, ready=PORT) as child:
        inode = os.stat(f"/proc/{child.pid}/ns/net").st_ino
        said, _ = asked_by_nobody()
        assert said[inode] == [False, [int(child.wait_for(PORT)[1])]]
        assert inode != inside.inode
