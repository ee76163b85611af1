"""Explanations of this very machine: real sockets, real processes, real namespaces."""

from __future__ import annotations

import os
import socket
import sys
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

import pytest

from homeport import api
from homeport.model.errors import NotFound
from homeport.model.explanation import BindVerdict, Relation, SubjectKind
from tests.support import NOBODY, leased_port, network_namespace, run_homeport, spawn

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from homeport.model.explanation import Explanation

SERVER = """
import socket, sys, time
server = socket.create_server((sys.argv[1], int((sys.argv + ["0"])[2])))
print("port", server.getsockname()[1], flush=True)
time.sleep(600)
"""


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def listening(
    stack: ExitStack, address: str = "127.0.0.1", **options: bool
) -> tuple[socket.socket, int]:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    server = stack.enter_context(socket.create_server((address, 0), family=family, **options))
    return server, server.getsockname()[1]


def by_address(answer: Explanation) -> dict[str, BindVerdict]:
    return {each.address: each.plain for each in answer.binding}


def test_who_listens_and_who_is_connected(stack: ExitStack) -> None:
    server, port = listening(stack)
    client = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
    stack.enter_context(server.accept()[0])
    answer = api.explain(f"127.0.0.1:{port}")
    assert answer.listeners[0].relation is Relation.HERE
    assert [owner.pid for owner in answer.listeners[0].listener.owners] == [os.getpid()]
    (connected,) = answer.clients
    assert connected.connection.remote_port == client.getsockname()[1]
    assert connected.processes is not None
    assert [process.pid for process in connected.processes] == [os.getpid()]
    assert f"pid {os.getpid()}" in answer.verdict
    assert by_address(answer)["127.0.0.1"] is BindVerdict.TAKEN
    assert by_address(answer)["::1"] is BindVerdict.FREE


def test_what_hangs_on_an_option_is_not_promised(stack: ExitStack) -> None:
    idle = stack.enter_context(socket.socket())
    idle.bind(("127.0.0.1", 0))
    port = idle.getsockname()[1]
    answer = api.explain(f"listen EADDRINUSE: address already in use 127.0.0.1:{port}")
    second = stack.enter_context(socket.socket())
    second.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    with pytest.raises(OSError, match="in use"):
        second.bind(("127.0.0.1", port))
    assert "at once if the socket that holds the port has set it, too" in answer.verdict


def test_the_clients_end(stack: ExitStack) -> None:
    server, port = listening(stack)
    client = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
    stack.enter_context(server.accept()[0])
    answer = api.explain(str(client.getsockname()[1]))
    assert answer.listeners == ()
    # Connections to other places may have the same port at this end: it is shared among them.
    assert port in [each.connection.remote_port for each in answer.outgoing]
    assert "uses the port as its end of a connection to" in answer.verdict


@pytest.mark.parametrize("address", ["127.0.0.1", "::ffff:127.0.0.1"])
def test_an_ipv4_mapped_address_reaches_the_same_listener(stack: ExitStack, address: str) -> None:
    _, port = listening(stack, address, dualstack_ipv6=":" in address)
    for asked in ("127.0.0.1", "::ffff:127.0.0.1"):
        stack.enter_context(socket.create_connection((asked, port)))
        answer = api.explain(f"[{asked}]:{port}" if ":" in asked else f"{asked}:{port}")
        assert answer.listeners[0].relation is Relation.HERE, asked


def test_the_other_family(stack: ExitStack) -> None:
    _, port = listening(stack)
    answer = api.explain(f"Error: connect ECONNREFUSED ::1:{port}")
    assert answer.listeners[0].relation is Relation.OTHER_FAMILY
    assert f"Nothing listens on [::1]:{port}, but" in answer.verdict


def test_the_wildcard_of_both_families(stack: ExitStack) -> None:
    _, port = listening(stack, "::", dualstack_ipv6=True)
    answer = api.explain(f"127.0.0.1:{port}")
    assert answer.listeners[0].relation is Relation.WILDCARD
    only_v6, port = listening(stack, "::")
    assert only_v6.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY)
    assert api.explain(f"127.0.0.1:{port}").listeners[0].relation is Relation.OTHER_FAMILY


def test_bound_and_idle(stack: ExitStack) -> None:
    idle = stack.enter_context(socket.socket())
    idle.bind(("127.0.0.1", 0))
    port = idle.getsockname()[1]
    answer = api.explain(f"127.0.0.1:{port}")
    if "bound" not in answer.verdict and not _tells_of_idle_sockets():
        pytest.skip("this kernel does not tell of sockets that are bound and idle (Linux 6.8 does)")
    assert f"pid {os.getpid()}" in answer.verdict
    assert answer.verdict.endswith("is bound to it and does nothing.")
    assert by_address(answer)["127.0.0.1"] is BindVerdict.TAKEN


def _tells_of_idle_sockets() -> bool:
    major, minor = os.uname().release.split(".")[:2]
    return (int(major), int(minor)) >= (6, 8)


def test_udp(stack: ExitStack) -> None:
    server = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    port = leased_port()  # of TCP, too: there the kernel may give the same number to anybody
    server.bind(("127.0.0.1", port))
    answer = api.explain(f"udp 127.0.0.1:{port}")
    assert answer.listeners[0].relation is Relation.HERE
    assert by_address(answer)["127.0.0.1"] is BindVerdict.TAKEN
    tcp = api.explain(f"tcp 127.0.0.1:{port}")
    assert tcp.listeners[0].relation is Relation.OTHER_TRANSPORT
    assert by_address(tcp)["127.0.0.1"] is BindVerdict.FREE


def test_time_wait_ends_within_a_minute(stack: ExitStack) -> None:
    server, port = listening(stack)
    client = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
    accepted = stack.enter_context(server.accept()[0])
    accepted.shutdown(socket.SHUT_WR)
    assert client.recv(1) == b""
    client.close()
    assert accepted.recv(1) == b""
    accepted.close()
    server.close()
    answer = api.explain(f"127.0.0.1:{port}")
    (waiting,) = answer.lingering
    assert waiting.until_ns is not None
    assert 0 < waiting.until_ns - answer.taken_ns <= 60_000_000_000
    assert f"Nothing listens on 127.0.0.1:{port} any more" in answer.verdict
    assert by_address(answer)["127.0.0.1"] is BindVerdict.TAKEN


def test_why_it_runs_and_for_which_project(stack: ExitStack, tmp_path: Path) -> None:
    project = tmp_path / f"shop-{os.getpid()}"
    (project / ".git").mkdir(parents=True)
    (project / ".git" / "HEAD").write_text("ref: refs/heads/cart\n")
    server = stack.enter_context(
        spawn([sys.executable, "-c", SERVER, "127.0.0.1"], cwd=project, ready=r"port \d+")
    )
    port = int(server.wait_for(r"port (\d+)")[1])
    answer = api.explain(project.name)
    assert answer.subject.kind is SubjectKind.PROJECT
    assert answer.port is not None
    assert answer.port.port == port
    (owner,) = answer.listeners[0].listener.owners
    assert owner.ancestry is not None
    assert os.getpid() in [ancestor.pid for ancestor in owner.ancestry]
    by_pid = api.explain(f"pid:{server.pid}")
    assert by_pid.process is not None
    assert by_pid.process.pid == server.pid
    assert [each.endpoint.port for each in by_pid.candidates] == [port]


def test_a_complaint_without_a_port_names_our_listener(stack: ExitStack) -> None:
    _, port = listening(stack)
    answer = api.explain("OSError: [Errno 98] Address already in use")
    own = api.own_uids()
    assert all(each.uid in own for each in answer.candidates)
    assert answer.candidates
    assert port


def test_a_pid_that_nobody_has() -> None:
    with pytest.raises(NotFound):
        api.explain("pid:999999999")


def test_a_port_whose_number_is_a_pid() -> None:
    assert any("process 1," in note for note in api.explain("1").notes)


@pytest.mark.root
def test_another_namespace(stack: ExitStack) -> None:
    namespace = stack.enter_context(network_namespace())
    # Not one that the kernel assigns: here it could have given that to a connection.
    port = leased_port()
    command = namespace.command(sys.executable, "-c", SERVER, "127.0.0.1", str(port))
    stack.enter_context(spawn(command, ready=r"port \d+"))
    answer = api.explain(f"connect ECONNREFUSED 127.0.0.1:{port}")
    (found,) = [each for each in answer.listeners if each.namespace == namespace.name]
    assert found.relation is Relation.OTHER_NAMESPACE
    assert "in this network namespace, but in another one" in answer.verdict
    assert by_address(answer)["127.0.0.1"] is BindVerdict.FREE


@pytest.mark.root
def test_as_an_ordinary_user_the_owner_is_hidden_and_said_to_be() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
        result = run_homeport("explain", str(port), user=NOBODY)
    assert result.returncode == 0, result.stderr
    assert f"sudo homeport explain {port}" in result.stdout
