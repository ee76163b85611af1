"""T5-upstream: the handler waits for an answer of another service."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.servers import python_server
from tests.faults.stubborn import ACCEPTS_AND
from tests.support import leased_port

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

ASKS_ANOTHER = """
import socket, sys
listening = socket.create_server((sys.argv[1], int(sys.argv[2])))
while True:
    connection, _ = listening.accept()
    connection.recv(1000)
    with socket.create_connection((sys.argv[1], int(sys.argv[3]))) as database:
        database.sendall(b"select")
        database.recv(1000)
"""


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    port, other = leased_port(), leased_port()
    with (
        python_server(ACCEPTS_AND, "127.0.0.1", other, "reads", ready=other),
        python_server(ASKS_ANOTHER, "127.0.0.1", port, other, ready=port),
    ):
        yield Situation(f"http://127.0.0.1:{port}/")


FAULT = Fault(
    "T5-upstream",
    "the handler waits for an answer of another service",
    _make,
    cause="T5",
    root=False,
)
