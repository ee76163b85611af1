"""T3-gdb: a debugger holds the server."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.servers import HTTP, python_server
from tests.support import leased_port, need, spawn

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    port = leased_port()
    with python_server(HTTP, "127.0.0.1", port, ready=port) as server:
        gdb = [need("gdb", package="gdb"), "-nx", "-q", "-p", str(server.pid)]
        with spawn([*gdb, "-ex", "echo attached\\n", "-ex", "shell sleep 1000"], ready="attached"):
            yield Situation(f"http://127.0.0.1:{port}/")


FAULT = Fault("T3-gdb", "a debugger holds the server", _make, cause="T3", root=False)
