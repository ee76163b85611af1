"""TLS: HTTPS by name, and services of other protocols by the name in the hello."""

from __future__ import annotations

import os
import ssl
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from homeport.model.route import ServiceState
from homeport.run.certificates.authority import root_path
from tests.run.gateway.conftest import (
    backend,
    connected,
    echo_heads,
    get,
    heard,
    rest_of,
    route,
    told,
)
from tests.servers.postgresql import postgresql
from tests.support import need

if TYPE_CHECKING:
    import socket

    from homeport.run.gateway.registration import Registration

HOST = "api.shop.localhost"
MANY = 1 << 24


@pytest.fixture
def registration(shared_registration: Registration) -> Registration:
    return shared_registration


def context(alpn: str | None = "http/1.1") -> ssl.SSLContext:
    made = ssl.create_default_context(cafile=root_path())
    if alpn:
        made.set_alpn_protocols([alpn])
    return made


def secure(port: int, name: str = HOST, alpn: str | None = "http/1.1") -> ssl.SSLSocket:
    """A connection whose certificate was believed."""
    # The authority is made by the first who asks for a certificate.
    with connected(port) as first, pytest.raises(ssl.SSLError):
        ssl.create_default_context().wrap_socket(first, server_hostname=name)
    return context(alpn).wrap_socket(connected(port), server_hostname=name)


def test_each_name_has_its_certificate(registration: Registration) -> None:
    with backend(echo_heads) as server:
        told(registration, route(server.port), route(server.port, "web.branch.shop"))
        for name in (HOST, "web.branch.shop.localhost"):
            with secure(registration.port, name) as client:
                assert client.selected_alpn_protocol() == "http/1.1"
                client.sendall(get(name, "/over-tls"))
                assert b"GET /over-tls " in client.recv(1000)
        with secure(registration.port, "localhost") as client:
            client.sendall(get("localhost"))
            got = b"".join(iter(lambda: client.recv(1000), b""))
            assert got.startswith(b"HTTP/1.1 200")


def test_the_backend_is_told_the_scheme_and_nobody_else_can_say_it(
    registration: Registration,
) -> None:
    with backend(echo_heads) as server:
        told(registration, route(server.port))
        with secure(registration.port) as client:
            for _ in range(2):
                lies = "X-Forwarded-Proto: http\r\nForwarded: for=1.2.3.4\r\nX-Other: x\r\n"
                client.sendall(get(f"{HOST}:1", more=f"{lies}X-FORWARDED-HOST: evil\r\n"))
                head = client.recv(1000).decode().partition("\r\n\r\n")[2]
                assert head.splitlines() == [
                    "GET / HTTP/1.1",
                    f"Host: {HOST}:1",
                    "X-Other: x",
                    "X-Forwarded-For: 127.0.0.1",
                    "X-Forwarded-Proto: https",
                    f"X-Forwarded-Host: {HOST}:1",
                ]


def test_a_connection_to_one_name_does_not_lead_to_another(registration: Registration) -> None:
    with backend(echo_heads) as server:
        told(registration, route(server.port), route(server.port, "web.shop"))
        for host in ("web.shop.localhost", "localhost"):
            with secure(registration.port) as client:
                client.sendall(get(host))
                assert client.recv(1000).startswith(b"HTTP/1.1 421 ")
        with secure(registration.port) as client:
            client.sendall(get(HOST))
            assert client.recv(1000).startswith(b"HTTP/1.1 200 ")
            client.sendall(get("web.shop.localhost"))
            assert client.recv(1000).startswith(b"HTTP/1.1 421 ")


@pytest.mark.parametrize("name", ["unknown.shop.localhost", "example.com"])
def test_a_name_that_nobody_has_is_given_no_certificate(
    registration: Registration, name: str
) -> None:
    told(registration, route(80))
    with (
        connected(registration.port) as client,
        pytest.raises(ssl.SSLError, match="UNRECOGNIZED_NAME"),
    ):
        ssl.create_default_context().wrap_socket(client, server_hostname=name)


def test_large_bodies_go_both_ways(registration: Registration) -> None:
    def serve(connection: socket.socket) -> None:
        data = b""
        while not data.endswith(b"end"):
            data += connection.recv(1 << 20)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + data)

    with backend(serve) as server:
        told(registration, route(server.port))
        with secure(registration.port) as client:
            body = b"x" * MANY + b"end"
            client.sendall(get(HOST, more=f"Content-Length: {len(body)}\r\n", method="PUT") + body)
            got = b"".join(iter(lambda: client.recv(1 << 16), b""))
            assert got.endswith(body)


@pytest.mark.slow
def test_a_client_that_reads_late_and_little_gets_every_byte(registration: Registration) -> None:
    blocks = [os.urandom(50_000) for _ in range(600)]
    sent = [0]

    def serve(connection: socket.socket) -> None:
        connection.recv(1000)
        for block in blocks:
            connection.sendall(block)
            sent[0] += 1

    with backend(serve) as server:
        told(registration, route(server.port))
        with secure(registration.port) as client:
            client.sendall(get(HOST))
            before = -1
            while before != sent[0]:  # until nothing moves any more
                before = sent[0]
                time.sleep(0.1)
            assert sent[0] < len(blocks), "the kernel keeps all of it"
            got = b"".join(iter(lambda: client.recv(10_000), b""))
        assert got == b"".join(blocks)


def test_another_protocol_is_spoken_within_tls(registration: Registration) -> None:
    def serve(connection: socket.socket) -> None:
        connection.recv(1000)
        connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
        connection.sendall(connection.recv(5)[::-1])

    with backend(serve) as server:
        told(registration, route(server.port))
        with secure(registration.port) as client:
            client.sendall(get(HOST, more="Connection: upgrade\r\nUpgrade: websocket\r\n"))
            assert client.recv(1000).startswith(b"HTTP/1.1 101")
            client.sendall(b"\0\n\r\n\xff")
            assert client.recv(5) == b"\xff\n\r\n\0"


def test_a_hello_that_comes_slowly_or_breaks_off_is_no_trouble(registration: Registration) -> None:
    with backend(echo_heads) as server:
        told(registration, route(server.port))
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname=HOST)
        with pytest.raises(ssl.SSLWantReadError):
            client.do_handshake()
        hello = outgoing.read()
        for end in (1, 5, 50, len(hello) - 1):
            with connected(registration.port) as broken:
                broken.sendall(hello[:end])
        with connected(registration.port) as garbled:
            garbled.sendall(b"\x16garbage" * 100)
            rest_of(garbled)
        with connected(registration.port) as slow:
            for byte in hello:
                slow.sendall(bytes([byte]))
            assert slow.recv(1) == b"\x16"


def test_what_speaks_another_protocol_is_reached_by_name(registration: Registration) -> None:
    def shout(connection: socket.socket) -> None:
        connection.sendall(b"hello, who are you?\n")
        connection.sendall(connection.recv(100).upper())

    with backend(shout) as server:
        told(registration, route(server.port, "chat.shop", scheme="chat"))
        with secure(registration.port, "chat.shop.localhost", alpn=None) as client:
            assert client.recv(100) == b"hello, who are you?\n"
            client.sendall(b"somebody")
            assert client.recv(100) == b"SOMEBODY"
            assert client.recv(100) == b""


def test_a_lazy_one_is_woken_by_the_name(registration: Registration) -> None:
    with backend(lambda connection: connection.sendall(b"awake")) as server:
        asleep = route(
            server.port, "chat.shop", scheme="chat", state=ServiceState.STOPPED, lazy=True
        )
        told(registration, asleep)
        with secure(registration.port, "chat.shop.localhost", alpn=None) as client:
            assert heard(registration, "wanted") == {"wanted": "chat", "project": "shop"}
            told(registration, asleep._replace(state=ServiceState.READY))
            assert client.recv(100) == b"awake"


# PostgreSQL.

SSL_REQUEST = b"\0\0\0\x08\x04\xd2\x16\x2f"
GSS_REQUEST = b"\0\0\0\x08\x04\xd2\x16\x30"


def test_postgresqls_question_for_tls_is_answered(registration: Registration) -> None:
    with backend(lambda connection: connection.sendall(connection.recv(100))) as server:
        told(registration, route(server.port, "db.shop", scheme="postgresql"))
        with connected(registration.port) as first:
            first.sendall(GSS_REQUEST)
            assert first.recv(1) == b"N"
            for byte in SSL_REQUEST:
                first.sendall(bytes([byte]))
            assert first.recv(1) == b"S"
            trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            trusting.check_hostname = False
            trusting.verify_mode = ssl.CERT_NONE
            with trusting.wrap_socket(first, server_hostname="db.shop.localhost") as client:
                client.sendall(b"login")
                assert client.recv(100) == b"login"


@pytest.mark.parametrize(
    ("first", "answer"),
    [(b"\0\0\0\x54\0\3\0\0user\0", b"sslmode=require"), (b"\0\0\0\0\0\0\0\0", b"")],
)
def test_who_does_not_ask_for_it_is_told_what_to_do(
    registration: Registration, first: bytes, answer: bytes
) -> None:
    with connected(registration.port) as client:
        client.sendall(first)
        assert answer in rest_of(client)


@pytest.mark.slow
def test_psql_reaches_its_database_by_name(registration: Registration) -> None:
    psql = need("psql", package="postgresql")
    with postgresql() as server:
        told(registration, route(server.port, "db.shop", scheme="postgresql"))
        with secure(registration.port, "db.shop.localhost", alpn="postgresql"):
            pass

        def ask(mode: str) -> subprocess.CompletedProcess[str]:
            url = (
                f"host=db.shop.localhost hostaddr=127.0.0.1 port={registration.port} user=postgres "
                f"dbname=postgres sslmode={mode} sslrootcert={root_path()}"
            )
            argv = [psql, url, "-Atc", "select 6 * 7"]
            return subprocess.run(argv, capture_output=True, text=True, check=False)

        for mode in ("require", "verify-full"):
            done = ask(mode)
            assert (done.stdout, done.stderr) == ("42\n", "")
        assert "sslmode=require" in ask("disable").stderr
        failed = route(1, "db.shop", scheme="postgresql", state=ServiceState.FAILED)
        told(registration, failed)
        assert "the service db of shop is failed" in ask("require").stderr
        told(registration, failed._replace(state=ServiceState.READY))
        assert "127.0.0.1:1 takes no connection" in ask("require").stderr


@pytest.mark.slow
def test_curl_believes_the_certificate(registration: Registration) -> None:
    curl = need("curl", package="curl")
    with backend(echo_heads) as server:
        told(registration, route(server.port))
        with secure(registration.port):
            pass
        argv = [curl, "-sS", "--cacert", root_path(), f"https://{HOST}:{registration.port}/curl"]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        assert done.stdout.startswith("GET /curl HTTP/1.1")
