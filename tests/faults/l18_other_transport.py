"""L18: the port is served over UDP only."""

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
made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
made.bind(("127.0.0.1", int(sys.argv[1])))
print("ready", flush=True)
while True:
    made.recvfrom(1500)
"""


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    port = leased_port()
    with python_server(_SERVER, port, ready="^ready"):
        yield Situation(f"tcp://127.0.0.1:{port}")


FAULT = Fault("L18", "served over UDP, asked over TCP", _make, cause="L18")
