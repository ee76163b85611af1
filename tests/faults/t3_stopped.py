"""T3: the server is stopped by a signal."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.servers import HTTP, python_server
from tests.support import leased_port

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    port = leased_port()
    with python_server(HTTP, "127.0.0.1", port, ready=port) as server:
        os.kill(server.pid, signal.SIGSTOP)
        try:
            yield Situation(f"http://127.0.0.1:{port}/")
        finally:
            os.kill(server.pid, signal.SIGCONT)


FAULT = Fault("T3", "the server is stopped by a signal", _make, cause="T3", root=False)
