"""Copies of one server that share the port by SO_REUSEPORT."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Healthy, Situation
from tests.support import leased_port, spawn

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

SHARED = """
import socket, sys
listening = socket.socket()
listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
listening.bind(("127.0.0.1", int(sys.argv[1])))
listening.listen()
print("ready")
while True:
    connection, _ = listening.accept()
    connection.recv(1000)
    connection.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok")
    connection.close()
"""


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    port = leased_port()
    argv = [sys.executable, "-u", "-c", SHARED, str(port)]
    with spawn(argv, ready="ready"), spawn(argv, ready="ready"):
        yield Situation(f"http://127.0.0.1:{port}/")


HEALTHY = Healthy("copies of one server that share the port by SO_REUSEPORT", _make)
