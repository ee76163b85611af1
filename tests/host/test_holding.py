"""What a held port lets pass and what not, by the kernel that runs the tests."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest

from homeport.host.holding import hold, listen
from homeport.model.endpoint import Transport
from homeport.model.errors import HomeportError, NotPermitted
from tests.support import NOBODY, as_user, leased_port, network_namespace

if TYPE_CHECKING:
    from collections.abc import Generator

PLACES = [
    (socket.AF_INET, "127.0.0.1"),
    (socket.AF_INET, "0.0.0.0"),
    (socket.AF_INET6, "::1"),
    (socket.AF_INET6, "::"),
]
KINDS = {Transport.TCP: socket.SOCK_STREAM, Transport.UDP: socket.SOCK_DGRAM}


@contextmanager
def held(transport: Transport = Transport.TCP, port: int | None = None) -> Generator[int]:
    port = port or leased_port()
    descriptor = hold(transport, port)
    assert descriptor is not None
    try:
        yield port
    finally:
        os.close(descriptor)


def bound(
    port: int, family: int, address: str, transport: Transport, *options: int
) -> socket.socket:
    made = socket.socket(family, KINDS[transport])
    try:
        for option in options:
            made.setsockopt(socket.SOL_SOCKET, option, 1)
        made.bind((address, port))
        if transport is Transport.TCP:
            made.listen()
    except OSError:
        made.close()
        raise
    return made


def time_wait(port: int, *options: int) -> None:
    """Leaves a connection of a server that is gone in TIME-WAIT."""
    server = bound(port, socket.AF_INET, "127.0.0.1", Transport.TCP, *options)
    with server, socket.create_connection(("127.0.0.1", port)) as client:
        accepted, _ = server.accept()
        accepted.close()
        assert client.recv(1) == b""


@pytest.mark.parametrize("transport", KINDS)
@pytest.mark.parametrize(("family", "address"), PLACES)
def test_a_server_that_reuses_the_address_binds_under_the_hold(
    transport: Transport, family: int, address: str
) -> None:
    with held(transport) as port:
        bound(port, family, address, transport, socket.SO_REUSEADDR).close()


@pytest.mark.parametrize("transport", KINDS)
@pytest.mark.parametrize(("family", "address"), PLACES)
@pytest.mark.parametrize("options", [(), (socket.SO_REUSEPORT,)])
def test_others_are_refused(
    transport: Transport, family: int, address: str, options: tuple[int, ...]
) -> None:
    with held(transport) as port, pytest.raises(OSError, match="in use"):
        bound(port, family, address, transport, *options)


@pytest.mark.parametrize("transport", KINDS)
@pytest.mark.parametrize(("family", "address"), PLACES)
def test_what_anybody_has_is_not_held(transport: Transport, family: int, address: str) -> None:
    port = leased_port()
    with bound(port, family, address, transport, socket.SO_REUSEADDR):
        assert hold(transport, port) is None


@pytest.mark.parametrize("transport", KINDS)
def test_a_held_port_is_not_held_twice(transport: Transport) -> None:
    with held(transport) as port:
        assert hold(transport, port) is None
    with held(transport, port):
        pass


@pytest.mark.parametrize(("family", "address"), PLACES)
def test_datagrams_reach_the_server_and_not_the_hold(family: int, address: str) -> None:
    to = "::1" if family == socket.AF_INET6 else "127.0.0.1"
    with held(Transport.UDP) as port, socket.socket(family, socket.SOCK_DGRAM) as client:
        client.sendto(b"too early", (to, port))
        with bound(port, family, address, Transport.UDP, socket.SO_REUSEADDR) as server:
            server.settimeout(5)
            client.sendto(b"in time", (to, port))
            assert server.recv(100) == b"in time"


def test_a_hold_for_datagrams_queues_none() -> None:
    port = leased_port()
    descriptor = hold(Transport.UDP, port)
    assert descriptor is not None
    with (
        socket.socket(fileno=descriptor) as holding,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client,
    ):
        holding.setblocking(False)
        client.sendto(b"x", ("127.0.0.1", port))
        with pytest.raises(BlockingIOError):
            holding.recv(1)


def test_nobody_is_connected_to_a_hold() -> None:
    with held() as port, pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)


def test_connections_of_the_past_do_not_keep_a_port_from_its_next_server() -> None:
    port = leased_port()
    time_wait(port, socket.SO_REUSEADDR)
    with held(port=port):
        bound(port, socket.AF_INET, "127.0.0.1", Transport.TCP, socket.SO_REUSEADDR).close()


def test_but_from_one_that_needs_the_port_for_itself() -> None:
    port = leased_port()
    time_wait(port, socket.SO_REUSEADDR)
    assert hold(Transport.TCP, port, strict=True) is None


def test_connections_of_a_server_without_reuse_keep_everybody_out() -> None:
    port = leased_port()
    time_wait(port)
    assert hold(Transport.TCP, port) is None


def test_connections_of_the_past_do_not_hide_another_hold() -> None:
    port = leased_port()
    with held(port=port):
        time_wait(port, socket.SO_REUSEADDR)
        assert hold(Transport.TCP, port) is None


@pytest.mark.root
def test_another_users_hold_is_respected() -> None:
    code = (
        "import socket, sys; s = socket.socket(); s.bind(('127.0.0.1', int(sys.argv[1])))\n"
        "s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); print('bound', flush=True)\n"
        "sys.stdin.read()"
    )
    port = leased_port()
    argv = ["/usr/bin/python3", "-c", code, str(port)]
    with subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, user=NOBODY.uid, cwd="/"
    ) as theirs:
        assert theirs.stdout is not None
        assert theirs.stdout.readline() == b"bound\n"
        assert hold(Transport.TCP, port) is None
        theirs.communicate()
    with held(port=port):
        done = as_user(NOBODY, ["/usr/bin/python3", "-c", code, str(port)])
        assert "Address already in use" in done.stderr


@pytest.mark.root
def test_low_ports_are_refused_with_a_reason() -> None:
    with network_namespace() as lab:
        code = (
            "import os\n"
            "from homeport.host.holding import hold\n"
            "from homeport.model.endpoint import Transport\n"
            "os.setuid(65534)\n"
            "hold(Transport.TCP, 80)"
        )
        argv = lab.command(sys.executable, "-c", code)
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert NotPermitted.__name__ in done.stderr
    assert "port 80 may not be bound by this user" in done.stderr


BIND_AND_CONNECT = """
import errno, socket, sys
from homeport.host.holding import hold
from homeport.model.endpoint import Transport
server = socket.create_server(("127.0.0.1", 30000))
with open("/proc/sys/net/ipv4/ip_local_port_range", "w") as file:
    file.write("20000 20009")
if "ipv6-disabled" in sys.argv:
    with open("/proc/sys/net/ipv6/conf/all/disable_ipv6", "w") as file:
        file.write("1")
if "no-ipv6" in sys.argv:
    real = socket.SocketType
    def only4(family, kind):
        if family == socket.AF_INET6:
            raise OSError(errno.EAFNOSUPPORT, "no IPv6")
        return real(family, kind)
    socket.SocketType = only4
holds = [hold(Transport.TCP, port) for port in range(20000, 20010)]
assert None not in holds, holds
assert hold(Transport.TCP, 20000) is None
for reuse in (0, 1):
    with socket.socket() as made:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, reuse)
        try:
            made.bind(("127.0.0.1", 0))
        except OSError as error:
            print(errno.errorcode[error.errno])
with socket.socket() as client:
    try:
        client.connect(("127.0.0.1", 30000))
    except OSError as error:
        print(errno.errorcode[error.errno])
"""


@pytest.mark.root
@pytest.mark.parametrize("machine", ["ipv6", "no-ipv6", "ipv6-disabled"])
def test_the_kernel_never_hands_out_a_held_port(machine: str) -> None:
    with network_namespace() as lab:
        done = lab.run(sys.executable, "-c", BIND_AND_CONNECT, machine)
    assert done.stdout.split() == ["EADDRINUSE", "EADDRINUSE", "EADDRNOTAVAIL"]


def test_one_who_listens_early_serves_from_the_first_connection() -> None:
    with held() as port:
        for address in ("127.0.0.1", "::1"):
            server = listen(address, port, backlog=8)
            assert server is not None
            with server, closing(socket.create_connection((address, port), timeout=5)):
                assert listen(address, port, backlog=8) is None


def test_an_address_that_is_not_here_is_told() -> None:
    with pytest.raises(HomeportError, match=r"192\.0\.2\.1 is no address of this machine"):
        listen("192.0.2.1", leased_port(), backlog=1)
