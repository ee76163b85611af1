"""A server whose deep accept queue drains."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Healthy, Situation
from tests.faults.servers import python_server
from tests.faults.stubborn import clients
from tests.support import leased_port

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

DRAINS = """
import socket, sys, time
listening = socket.create_server((sys.argv[1], int(sys.argv[2])), backlog=200)
time.sleep(0.5)
while True:
    connection, _ = listening.accept()
    connection.recv(1000)
    connection.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok")
    connection.close()
    time.sleep(0.005)
"""


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    port = leased_port()
    with (
        python_server(DRAINS, "127.0.0.1", port, ready=port),
        clients("127.0.0.1", port, 50, "/"),
    ):
        yield Situation(f"http://127.0.0.1:{port}/")


HEALTHY = Healthy("a server whose deep accept queue drains", _make)
