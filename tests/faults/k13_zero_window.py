"""K13: the server does not read what the client sends."""

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

SENDER = """
import socket, sys, time
client = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
client.settimeout(0.5)
try:
    while True:
        client.sendall(b"x" * 100000)
except TimeoutError:
    print("stuck")
time.sleep(1000)
"""


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    port = leased_port()
    with (
        python_server(ACCEPTS_AND, "127.0.0.1", port, "reads only GET", ready=port),
        spawn([sys.executable, "-u", "-c", SENDER, str(port)], ready="stuck") as client,
    ):
        yield Situation(f"http://127.0.0.1:{port}/", options=("--as", str(client.pid)))


FAULT = Fault(
    "K13", "the server does not read what the client sends", _make, cause="K13", root=False
)
