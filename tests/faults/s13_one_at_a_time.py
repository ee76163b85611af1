"""S13: a server that takes one connection at a time, reads, and never handshakes."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.servers import python_server
from tests.support import leased_port

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

SOURCE = """
import socket, sys
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=9)
while True:
    connection, _ = listener.accept()
    while connection.recv(65536):
        pass
    connection.close()
"""


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    port = leased_port()
    with python_server(SOURCE, port, ready=port):
        yield Situation(f"https://127.0.0.1:{port}/")


FAULT = Fault("S13", "a server that takes one connection and never handshakes", _make, cause="S13")
