"""Snapshots of real sockets."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

import pytest

import homeport
from homeport.model.address import Scope
from homeport.model.endpoint import Transport
from homeport.model.process import Certainty
from homeport.model.snapshot import Query
from homeport.model.sockets import TcpState
from homeport.see.snapshot import take
from tests.support import NOBODY, network_namespace, run_homeport, spawn

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from homeport.model.snapshot import Snapshot
    from homeport.model.sockets import Listener

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads Linux's tables")

LISTEN = """
import socket, sys
listener = socket.create_server(("127.0.0.1", 0))
print("port", listener.getsockname()[1], flush=True)
connection, _ = listener.accept()
print("accepted", flush=True)
connection.recv(1)
"""


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


def inode(sock: socket.socket) -> int:
    return os.fstat(sock.fileno()).st_ino


def listener_of(taken: Snapshot, sock: socket.socket) -> Listener:
    (found,) = [each for each in taken.listeners if each.inode == inode(sock)]
    return found


def test_a_tcp_listener_with_all_that_is_known(stack: ExitStack) -> None:
    sock = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=7))
    found = listener_of(homeport.snapshot(), sock)
    assert found.endpoint == (Transport.TCP, *sock.getsockname(), None)
    assert (found.queue, found.backlog, found.v6only) == (0, 7, None)
    assert found.scope is Scope.LOOPBACK
    assert found.netns == os.stat("/proc/self/ns/net").st_ino
    assert found.uid == os.geteuid()
    assert found.certainty is Certainty.SEEN
    (owner,) = found.owners
    assert owner.pid == os.getpid()
    assert owner.argv
    assert owner.cwd == os.getcwd()
    assert owner.ancestry
    assert owner.ancestry[0].pid == os.getppid()
    assert owner.started_ns is not None


def test_the_queue_counts_those_who_wait(stack: ExitStack) -> None:
    sock = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
    for _ in range(3):
        stack.enter_context(socket.create_connection(sock.getsockname()))
    assert listener_of(homeport.snapshot(), sock).queue == 3


@pytest.mark.parametrize("only", [False, True])
def test_the_ipv6_wildcard_tells_whether_it_takes_ipv4(stack: ExitStack, only: bool) -> None:  # noqa: FBT001
    sock = stack.enter_context(closing(socket.socket(socket.AF_INET6)))
    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, only)
    sock.bind(("::", 0))
    sock.listen()
    found = listener_of(homeport.snapshot(), sock)
    assert found.v6only is only
    assert found.scope is Scope.UNSPECIFIED


def test_udp_is_a_listener_until_it_has_a_peer(stack: ExitStack) -> None:
    bound, connected = (
        stack.enter_context(closing(socket.socket(type=socket.SOCK_DGRAM))) for _ in range(2)
    )
    bound.bind(("127.0.0.1", 0))
    connected.connect(bound.getsockname())
    taken = homeport.snapshot()
    assert listener_of(taken, bound).endpoint.transport is Transport.UDP
    assert inode(connected) not in {each.inode for each in taken.listeners}
    (found,) = [each for each in taken.connections if each.inode == inode(connected)]
    assert found.remote == (Transport.UDP, *bound.getsockname(), None)


def test_a_socket_held_by_two_processes_has_two_owners(stack: ExitStack) -> None:
    sock = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
    # Started by fork and exec, so the child holds the socket as soon as Popen has returned.
    child = subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=[sock.fileno()]
    )
    stack.callback(child.communicate, b"\n")
    owners = listener_of(homeport.snapshot(), sock).owners
    assert {owner.pid for owner in owners} == {os.getpid(), child.pid}


def test_a_unix_listener_by_its_abstract_name(stack: ExitStack) -> None:
    sock = stack.enter_context(closing(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)))
    sock.bind(f"\0homeport-{os.getpid()}-a b")
    sock.listen(5)
    (found,) = [each for each in homeport.snapshot().unix_listeners if each.inode == inode(sock)]
    assert found.path == f"@homeport-{os.getpid()}-a b"
    assert (found.kind, found.backlog) == ("seqpacket", 5)
    assert [owner.pid for owner in found.owners] == [os.getpid()]


def test_both_ends_of_a_connection_make_an_edge(stack: ExitStack) -> None:
    program = stack.enter_context(spawn([sys.executable, "-c", LISTEN], ready=r"port \d+"))
    port = int(program.wait_for(r"port (\d+)")[1])
    client = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
    program.wait_for("accepted")
    taken = homeport.snapshot()
    (found,) = [each for each in taken.connections if each.inode == inode(client)]
    assert found.state is TcpState.ESTABLISHED
    from homeport import api

    (edge,) = [edge for edge in api.graph(taken) if edge.service.port == port]
    assert [each.pid for each in edge.clients] == [os.getpid()]
    assert [each.pid for each in edge.servers] == [program.pid]


def test_what_is_not_asked_for_is_not_there(stack: ExitStack) -> None:
    sock = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
    taken = take(Query(connections=False, udp=False, unix=False, owners=False))
    assert not taken.connections
    assert not taken.unix_listeners
    assert {each.endpoint.transport for each in taken.listeners} <= {
        Transport.TCP,
        Transport.MPTCP,
    }
    found = listener_of(taken, sock)
    assert (found.certainty, found.owners) == (Certainty.HIDDEN, ())


def test_connections_are_a_sequence_that_makes_each_when_asked(stack: ExitStack) -> None:
    server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
    stack.enter_context(socket.create_connection(server.getsockname()))
    connections = homeport.snapshot().connections
    assert list(connections) == [connections[i] for i in range(len(connections))]
    assert list(connections[:2]) == list(connections)[:2]
    assert len(connections) >= 2
    with pytest.raises(IndexError):
        _ = connections[len(connections)]


def test_the_project_is_the_one_that_the_owner_works_in(tmp_path: Path, stack: ExitStack) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "shop"\n')
    (tmp_path / "src").mkdir()
    program = stack.enter_context(
        spawn([sys.executable, "-c", LISTEN], ready=r"port \d+", cwd=tmp_path / "src")
    )
    port = int(program.wait_for(r"port (\d+)")[1])
    (found,) = [each for each in homeport.snapshot().listeners if each.endpoint.port == port]
    project = found.owners[0].project
    assert project is not None
    assert project.root == str(tmp_path)


@pytest.mark.root
def test_a_listener_in_another_namespace_says_which(stack: ExitStack) -> None:
    namespace = stack.enter_context(network_namespace())
    program = stack.enter_context(
        spawn(namespace.command(sys.executable, "-c", LISTEN), ready=r"port \d+")
    )
    port = int(program.wait_for(r"port (\d+)")[1])
    taken = homeport.snapshot()
    (known,) = [each for each in taken.namespaces if each.name == namespace.name]
    found = [each for each in taken.listeners if each.netns == known.inode]
    assert [each.endpoint.port for each in found] == [port]
    assert [owner.pid for owner in found[0].owners] == [program.pid]
    here = homeport.snapshot(all_namespaces=False)
    assert known.inode not in {each.netns for each in here.listeners}


@pytest.mark.root
def test_an_ordinary_user_is_told_that_an_owner_is_hidden(stack: ExitStack) -> None:
    sock = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
    port = sock.getsockname()[1]
    shown = run_homeport("ls", "--plain", "--port", str(port), user=NOBODY)
    assert shown.returncode == 0, shown.stderr
    fields = shown.stdout.split("\n")[0].split("\t")
    assert fields[8] in {"hidden", "inferred"}
    assert fields[11] == "root"
