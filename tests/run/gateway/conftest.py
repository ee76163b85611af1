"""A gateway of the test's own, as a process, and what may stand behind it."""

from __future__ import annotations

import os
import signal
import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

import pytest

from homeport.model.route import Route, ServiceState
from homeport.run.gateway.registration import Registration
from tests.support import has_ended, leased_port, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path


@pytest.fixture
def own_directories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in ("XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        (tmp_path / variable).mkdir(mode=0o700)
        monkeypatch.setenv(variable, str(tmp_path / variable))
    return tmp_path


@pytest.fixture
def registration(own_directories: Path) -> Iterator[Registration]:
    """The only registration of a gateway, which ends with the test."""
    opened = Registration.open(ports=(leased_port(),))
    try:
        yield opened
    finally:
        opened.close()
        end(opened.pid)


@contextmanager
def gateway(base: Path) -> Generator[Registration]:
    """The only registration of a gateway that keeps its files in a directory of its own."""
    with pytest.MonkeyPatch.context() as patch:
        for variable in ("XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
            (base / variable).mkdir(mode=0o700)
            patch.setenv(variable, str(base / variable))
        opened = Registration.open(ports=(leased_port(),))
        try:
            yield opened
        finally:
            opened.close()
            end(opened.pid)


@pytest.fixture(scope="module")
def gateway_of_module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registration]:
    """One gateway, and one authority, for the tests of a module."""
    with gateway(tmp_path_factory.mktemp("gateway")) as opened:
        yield opened


@pytest.fixture
def shared_registration(gateway_of_module: Registration) -> Registration:
    """The same without the routes of the test before."""
    told(gateway_of_module)
    return gateway_of_module


def end(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    wait_until(lambda: has_ended(pid), what="the end of the gateway")


def route(port: int, name: str = "api.shop", **more: object) -> Route:
    service, _, project = name.partition(".")
    first = Route(
        names=(name,),
        project=project,
        service=service,
        address="127.0.0.1",
        port=port,
        state=ServiceState.READY,
    )
    return first._replace(**more)  # type: ignore[arg-type]


def told(registration: Registration, *routes: Route) -> dict[str, object]:
    """Registers, and waits until the gateway has it."""
    assert registration.replace(routes)
    return heard(registration, "taken")


def heard(registration: Registration, key: str) -> dict[str, object]:
    """The next message that has this key."""
    found: list[dict[str, object]] = []

    def look() -> bool:
        registration.wait(20)
        messages = registration.receive()
        assert messages is not None, "the gateway is gone"
        found.extend(message for message in messages if key in message)
        return bool(found)

    wait_until(look, what=f"a message with {key}")
    return found[0]


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def exchange(port: int, request: bytes, *, half_close: bool = False) -> bytes:
    """Everything that is answered, until the connection ends."""
    with connected(port) as client:
        client.sendall(request)
        if half_close:
            client.shutdown(socket.SHUT_WR)
        return rest_of(client)


def rest_of(client: socket.socket) -> bytes:
    pieces = []
    with suppress(ConnectionResetError):
        while piece := client.recv(1 << 16):
            pieces.append(piece)
    return b"".join(pieces)


def get(host: str, path: str = "/", more: str = "", method: str = "GET") -> bytes:
    return f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n{more}\r\n".encode()


class Backend(NamedTuple):
    """A server that hands each connection to a function, in a thread of its own."""

    port: int
    connections: list[socket.socket]


@contextmanager
def backend(serve: Callable[[socket.socket], None]) -> Generator[Backend]:
    listener = socket.create_server(("127.0.0.1", 0))
    connections: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                connection.settimeout(20)
                connections.append(connection)
                thread = threading.Thread(target=one, args=(connection,))
                threads.append(thread)
                thread.start()

    def one(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            serve(connection)

    thread = threading.Thread(target=accept)
    thread.start()
    try:
        yield Backend(listener.getsockname()[1], connections)
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for connection in connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for each in (thread, *threads):
            each.join(10)


def echo_heads(connection: socket.socket) -> None:
    """Answers each request with the head that it got."""
    rest = b""
    while piece := connection.recv(1 << 16):
        rest += piece
        while b"\r\n\r\n" in rest:
            head, _, rest = rest.partition(b"\r\n\r\n")
            connection.sendall(answer(head))


def answer(body: bytes, more: str = "") -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n{more}\r\n".encode() + body


@pytest.fixture(scope="module")
def standing(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Registration, list[socket.socket]]]:
    """A gateway with the services `api` and (guarded) `guarded`, and the backend's connections."""
    with gateway(tmp_path_factory.mktemp("gateway")) as opened, backend(echo_heads) as server:
        told(opened, route(server.port), route(server.port, "guarded.shop", guarded=True))
        yield opened, server.connections
