"""L11: the server listens on a unix socket only."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.servers import python_server
from tests.support import leased_port

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

_SERVER = """
import socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.bind(sys.argv[1])
    server.listen()
    print("ready", flush=True)
    while True:
        server.accept()[0].close()
"""


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    port = leased_port()
    path = place / "app.sock"
    with python_server(_SERVER, path, "--port", port, ready="^ready"):
        yield Situation(f"http://127.0.0.1:{port}/")


FAULT = Fault("L11", "service only on a unix socket", _make, cause="L11")
