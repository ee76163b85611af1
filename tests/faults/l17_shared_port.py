"""L17: two servers share the port by SO_REUSEPORT."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.servers import python_server
from tests.support import leased_port

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

SHARED = """
import socket, sys
listening = socket.socket()
listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
listening.bind((sys.argv[1], int(sys.argv[2])))
listening.listen()
print("ready")
while True:
    connection, _ = listening.accept()
    connection.recv(1000)
    connection.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 6\\r\\n\\r\\nANSWER")
    connection.close()
"""


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    port = leased_port()
    old = SHARED.replace("ANSWER", "old")
    with (
        python_server(old, "127.0.0.1", port, ready="ready"),
        python_server(SHARED, "127.0.0.1", port, ready="ready"),
    ):
        yield Situation(f"http://127.0.0.1:{port}/")


FAULT = Fault("L17", "two servers share the port by SO_REUSEPORT", _make, cause="L17", root=False)
