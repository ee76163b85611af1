"""L9: a socket is bound, and listen() was never called."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.servers import python_server
from tests.support import leased_port

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

BOUND = """
import socket, sys, time
made = socket.socket()
made.bind(("127.0.0.1", int(sys.argv[1])))
print("bound", flush=True)
time.sleep(60)
"""


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    port = leased_port()
    with python_server(BOUND, port, ready="^bound"):
        yield Situation(f"http://127.0.0.1:{port}/")


FAULT = Fault("L9", "bound, listen() never called", _make, cause="L9")
