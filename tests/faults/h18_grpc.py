"""H18: http spoken to a gRPC server."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.web import application
from tests.support import leased_port

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

SOURCE = """
import sys, grpc
from concurrent.futures import ThreadPoolExecutor
server = grpc.server(ThreadPoolExecutor(1))
server.add_insecure_port(f"127.0.0.1:{sys.argv[1]}")
server.start()
server.wait_for_termination()
"""


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    port = leased_port()
    with application(SOURCE, "app.py", place, sys.executable, "app.py", str(port), port=port):
        yield Situation(f"http://127.0.0.1:{port}/")


FAULT = Fault("H18", "http spoken to a gRPC server", _make, cause="H18")
