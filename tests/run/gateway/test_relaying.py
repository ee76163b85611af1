from __future__ import annotations

import hashlib
import os
import socket
import struct
import threading
import time
from typing import TYPE_CHECKING

import pytest

from tests.run.gateway.conftest import (
    answer,
    backend,
    connected,
    echo_heads,
    exchange,
    get,
    rest_of,
    route,
    told,
)
from tests.support import leased_port, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from homeport.run.gateway.registration import Registration

HOST = "api.shop.localhost"
BOTH = pytest.mark.parametrize("guarded", [False, True], ids=["fast", "framed"])
FAST_EVERY_DAY = pytest.mark.parametrize(
    "guarded",
    [pytest.param(False, id="fast"), pytest.param(True, id="framed", marks=pytest.mark.slow)],
)
MANY = 1 << 26


@pytest.fixture
def registration(shared_registration: Registration) -> Registration:
    return shared_registration


def read_exactly(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = connection.recv(size - len(data))
        assert piece, f"ended after {data!r}"
        data += piece
    return data


def read_until(connection: socket.socket, end: bytes) -> bytes:
    data = b""
    while not data.endswith(end):
        data += read_exactly(connection, 1)
    return data


@BOTH
def test_many_requests_go_through_one_connection(
    registration: Registration, *, guarded: bool
) -> None:
    with backend(echo_heads) as server:
        told(registration, route(server.port, guarded=guarded))
        with connected(registration.port) as client:
            for number in range(50):
                client.sendall(get(HOST, f"/{number}"))
                assert f"GET /{number} ".encode() in read_until(client, HOST.encode())
        assert len(server.connections) == 1


@BOTH
def test_pipelined_requests_are_answered_in_order(
    registration: Registration, *, guarded: bool
) -> None:
    with backend(echo_heads) as server:
        told(registration, route(server.port, guarded=guarded))
        sent = b"".join(get(HOST, f"/{number}") for number in range(100))
        got = exchange(registration.port, sent, half_close=True)
        assert [got.find(b"GET /%d " % number) >= 0 for number in range(100)] == [True] * 100
        assert got.count(b"HTTP/1.1 200") == 100


@BOTH
def test_a_request_that_comes_byte_by_byte_is_whole(
    registration: Registration, *, guarded: bool
) -> None:
    with backend(echo_heads) as server:
        told(registration, route(server.port, guarded=guarded))
        with connected(registration.port) as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for byte in get(HOST, "/slow") * 2:
                client.sendall(bytes([byte]))
            client.shutdown(socket.SHUT_WR)
            assert rest_of(client).count(b"GET /slow ") == 2


@BOTH
def test_what_the_client_says_reaches_the_backend_as_it_is(
    registration: Registration, *, guarded: bool
) -> None:
    sent = (
        b"POST /x?y HTTP/1.1\r\nhOsT: API.shop.localhost:1234\r\nTransfer-Encoding: chunked\r\n"
        b"X-Forwarded-For: 192.0.2.1\r\nConnection: keep-alive, TE\r\n\r\n"
        b"5\r\nhello\r\n0\r\nSum: 12\r\n\r\n"
    )
    got: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        got.append(read_exactly(connection, len(sent)))
        connection.sendall(answer(b"fine", "Connection: close\r\n"))

    with backend(serve) as server:
        told(registration, route(server.port, guarded=guarded))
        assert exchange(registration.port, sent).endswith(b"\r\n\r\nfine")
    assert got == [sent]


@FAST_EVERY_DAY
def test_large_bodies_go_both_ways_and_are_not_kept(
    registration: Registration, *, guarded: bool
) -> None:
    block = os.urandom(1 << 20)

    def serve(connection: socket.socket) -> None:
        read_until(connection, b"\r\n\r\n")
        digest = hashlib.sha256()
        left = MANY
        while left:
            piece = connection.recv(1 << 20)
            digest.update(piece)
            left -= len(piece)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + digest.digest())
        for _ in range(MANY // len(block)):
            connection.sendall(block)

    with backend(serve) as server:
        told(registration, route(server.port, guarded=guarded))
        before = resident_bytes(registration.pid)
        with connected(registration.port) as client:
            client.sendall(get(HOST, more=f"Content-Length: {MANY}\r\n", method="PUT"))
            digest = hashlib.sha256()
            for _ in range(MANY // len(block)):
                client.sendall(block)
                digest.update(block)
            read_until(client, b"\r\n\r\n")
            assert read_exactly(client, 32) == digest.digest()
            again = hashlib.sha256()
            while piece := client.recv(1 << 20):
                again.update(piece)
            assert again.digest() == digest.digest()
        assert resident_bytes(registration.pid) - before < 8 << 20


def resident_bytes(pid: int) -> int:
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@FAST_EVERY_DAY
def test_a_side_that_does_not_read_stops_the_other(
    registration: Registration, *, guarded: bool
) -> None:
    sent = [0]

    def serve(connection: socket.socket) -> None:
        read_until(connection, b"\r\n\r\n")
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        connection.settimeout(0.5)
        try:
            while True:
                sent[0] += connection.send(b"x" * 65536)
        except TimeoutError:
            connection.settimeout(20)

    with backend(serve) as server:
        told(registration, route(server.port, guarded=guarded))
        before = resident_bytes(registration.pid)
        with connected(registration.port) as client:
            client.sendall(get(HOST))
            wait_until(lambda: server.connections and server.connections[0].fileno() < 0)
            assert sent[0] > 1 << 17
            assert resident_bytes(registration.pid) - before < 4 << 20
            assert len(rest_of(client)) == sent[0] + len("HTTP/1.1 200 OK\r\n\r\n")


def send_all(connection: socket.socket, blocks: list[bytes]) -> None:
    for block in blocks:
        connection.sendall(block)


@pytest.mark.slow
@BOTH
def test_a_side_that_reads_late_and_little_gets_every_byte(
    registration: Registration, *, guarded: bool
) -> None:
    """Pieces too small for the kernel's pipe, and large ones; both ways at once."""
    blocks = [os.urandom(size) for size in (1000, 30_000, 200_000) * 40]
    whole = b"".join(blocks)
    got: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        head = read_until(connection, b"\r\n\r\n")
        assert head
        sender = threading.Thread(target=connection.sendall, args=(whole,))
        sender.start()
        time.sleep(0.2)  # the client's body piles up meanwhile
        body = b""
        while len(body) < len(whole):
            body += connection.recv(5000)
        got.append(body)
        sender.join()

    with backend(serve) as server:
        told(registration, route(server.port, guarded=guarded))
        with socket.socket() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.settimeout(20)
            client.connect(("127.0.0.1", registration.port))
            client.sendall(get(HOST, more=f"Content-Length: {len(whole)}\r\n", method="PUT"))
            sender = threading.Thread(target=send_all, args=(client, blocks))
            sender.start()
            time.sleep(0.2)
            assert rest_of(client) == whole
            sender.join()
        assert got == [whole]


@BOTH
def test_an_expectation_is_answered_by_the_backend(
    registration: Registration, *, guarded: bool
) -> None:
    def serve(connection: socket.socket) -> None:
        read_until(connection, b"\r\n\r\n")
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        connection.sendall(answer(read_exactly(connection, 5)))

    with backend(serve) as server:
        told(registration, route(server.port, guarded=guarded))
        with connected(registration.port) as client:
            more = "Expect: 100-continue\r\nContent-Length: 5\r\n"
            client.sendall(get(HOST, more=more, method="POST"))
            assert read_until(client, b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
            client.sendall(b"hello")
            assert rest_of(client).endswith(b"hello")


@BOTH
def test_an_answer_may_come_before_the_request_is_whole(
    registration: Registration, *, guarded: bool
) -> None:
    def serve(connection: socket.socket) -> None:
        read_until(connection, b"\r\n\r\n")
        connection.sendall(b"HTTP/1.1 413 Content Too Large\r\nConnection: close\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
        rest_of(connection)

    with backend(serve) as server:
        told(registration, route(server.port, guarded=guarded))
        with connected(registration.port) as client:
            client.sendall(get(HOST, more="Content-Length: 1000000\r\n", method="POST"))
            assert read_until(client, b"\r\n\r\n").startswith(b"HTTP/1.1 413")
            client.sendall(b"x" * 100_000)
            assert client.recv(1) == b""


@BOTH
def test_events_of_a_server_come_as_they_are_sent(
    registration: Registration, *, guarded: bool
) -> None:
    go_on = threading.Event()

    def serve(connection: socket.socket) -> None:
        read_until(connection, b"\r\n\r\n")
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        for number in range(3):
            connection.sendall(b"data: %d\n\n" % number)
            assert go_on.wait(10)
            go_on.clear()

    with backend(serve) as server:
        told(registration, route(server.port, guarded=guarded))
        with connected(registration.port) as client:
            client.sendall(get(HOST))
            read_until(client, b"\r\n\r\n")
            for number in range(3):
                assert read_until(client, b"\n\n") == b"data: %d\n\n" % number
                go_on.set()
            assert client.recv(1) == b""


@BOTH
@pytest.mark.parametrize("agreed", [True, False], ids=["agreed", "refused"])
def test_another_protocol_is_spoken_once_the_backend_has_agreed(
    registration: Registration, *, guarded: bool, agreed: bool
) -> None:
    def serve(connection: socket.socket) -> None:
        read_until(connection, b"\r\n\r\n")
        if agreed:
            connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n\0hello")
            connection.sendall(read_exactly(connection, 6)[::-1])
        else:
            connection.sendall(answer(b"no"))
            echo_heads(connection)

    with backend(serve) as server:
        told(registration, route(server.port, guarded=guarded))
        with connected(registration.port) as client:
            client.sendall(get(HOST, more="Connection: upgrade\r\nUpgrade: x\r\n"))
            if agreed:
                read_until(client, b"\0hello")
                client.sendall(b"\0\xff\r\n\r\n")
                assert client.recv(6) == b"\n\r\n\r\xff\0"
            else:
                read_until(client, b"\r\n\r\nno")
                client.sendall(get(HOST, "/again"))
                assert b"GET /again " in read_until(client, HOST.encode())


@BOTH
def test_each_side_may_end_its_direction_alone(
    registration: Registration, *, guarded: bool
) -> None:
    def serve(connection: socket.socket) -> None:
        got = rest_of(connection)
        connection.sendall(answer(b"%d bytes" % len(got)))

    with backend(serve) as server:
        told(registration, route(server.port, guarded=guarded))
        request = get(HOST, more="Content-Length: 3\r\n", method="POST") + b"abc"
        got = exchange(registration.port, request, half_close=True)
        assert got.endswith(b"%d bytes" % len(request))


@BOTH
def test_a_backend_that_breaks_is_not_taken_for_one_that_has_ended(
    registration: Registration, *, guarded: bool
) -> None:
    def serve(connection: socket.socket) -> None:
        read_until(connection, b"\r\n\r\n")
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\nhalf of it")
        assert connection.recv(1) == b"x"
        reset = struct.pack("ii", 1, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)

    with backend(serve) as server:
        told(registration, route(server.port, guarded=guarded))
        with connected(registration.port) as client:
            client.sendall(get(HOST, more="Content-Length: 9\r\n", method="POST"))
            read_until(client, b"half of it")
            client.sendall(b"x")
            with pytest.raises(ConnectionResetError):
                client.recv(1)


@BOTH
def test_nothing_of_one_client_comes_into_the_connection_of_another(
    registration: Registration, *, guarded: bool
) -> None:
    """Each client sends half a request, and what would be another's if connections were shared."""
    with backend(echo_heads) as server:
        told(registration, route(server.port, guarded=guarded))
        clients = [connected(registration.port) for _ in range(40)]
        for number, client in enumerate(clients):
            secret = f"/{number}\r\nX-Smuggled: {number}"
            client.sendall(get(HOST, f"/{number}") + f"GET {secret}".encode())
        for number, client in enumerate(clients):
            with client:
                assert f"GET /{number} ".encode() in read_until(client, HOST.encode())
                client.shutdown(socket.SHUT_WR)
                assert b"HTTP/1.1 200" not in rest_of(client)
        assert len(server.connections) == len(clients)


def test_ipv6_is_served_as_well(registration: Registration) -> None:
    with backend(echo_heads) as server:
        told(registration, route(server.port))
        with socket.create_connection(("::1", registration.port), timeout=10) as client:
            client.sendall(get(HOST))
            assert read_until(client, b"\r\n").startswith(b"HTTP/1.1 200")


def test_it_listens_on_loopback_only(registration: Registration) -> None:
    from homeport.api import snapshot

    listeners = [each for each in snapshot().listeners if each.endpoint.port == registration.port]
    assert {each.endpoint.address for each in listeners} == {"127.0.0.1", "::1"}


def test_connections_come_and_go_without_a_trace(registration: Registration) -> None:
    def descriptors() -> int:
        return len(os.listdir(f"/proc/{registration.pid}/fd"))

    endings: list[Callable[[socket.socket], object]] = [
        lambda client: client.fileno(),
        lambda client: client.sendall(b"GET / HT"),
        lambda client: client.sendall(get(HOST)),
        lambda client: client.sendall(get("nobody.localhost")),
        lambda client: client.sendall(get(HOST, more="Content-Length: 9\r\n")),
        lambda client: client.sendall(b"\x16\3\1"),
        lambda client: client.sendall(b"\0\0"),
        lambda client: client.sendall(b"nonsense\r\n\r\n"),
        lambda client: client.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        ),
    ]
    with backend(echo_heads) as server:
        told(registration, route(server.port), route(leased_port(), "dead.shop"))
        before = descriptors()
        for _ in range(20):
            for ending in endings:
                with connected(registration.port) as client:
                    ending(client)
        wait_until(lambda: descriptors() <= before, what="the descriptors to be closed")
