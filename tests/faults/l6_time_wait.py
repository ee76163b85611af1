"""L6: nobody listens, and closed connections in TIME-WAIT still hold the port."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.servers import python_server
from tests.support import leased_port

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

_CLOSES_FIRST = """
import socket, sys
port = int(sys.argv[1])
with socket.create_server(("127.0.0.1", port)) as server:
    client = socket.create_connection(("127.0.0.1", port))
    served, _ = server.accept()
    served.close()
    client.recv(1)
    client.close()
print("closed", flush=True)
sys.stdin.read()
"""


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    port = leased_port()
    with python_server(_CLOSES_FIRST, port, ready="^closed"):
        yield Situation(f"127.0.0.1:{port}", options=("--bind",))


FAULT = Fault("L6", "TIME-WAIT without SO_REUSEADDR", _make, cause="L6")
