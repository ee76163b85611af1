"""K15: the server has closed the connection in the pool of the client."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.servers import python_server
from tests.faults.stubborn import ACCEPTS_AND
from tests.support import leased_port, spawn

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

POOL = """
import select, socket, sys, time
client = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
client.sendall(b"GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n")
client.recv(1000)
select.select([client], [], [])
print("idle")
time.sleep(1000)
"""


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    port = leased_port()
    with (
        python_server(ACCEPTS_AND, "127.0.0.1", port, "closes when idle", ready=port),
        spawn([sys.executable, "-u", "-c", POOL, str(port)], ready="idle") as client,
    ):
        yield Situation(f"http://127.0.0.1:{port}/", options=("--as", str(client.pid)))


FAULT = Fault(
    "K15",
    "the server has closed the connection in the pool of the client",
    _make,
    cause="K15",
    root=False,
)
