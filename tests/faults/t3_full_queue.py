"""T3-full: the server is stopped, and its queue has filled meanwhile."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.servers import python_server
from tests.faults.stubborn import ONE_AT_A_TIME, clients
from tests.support import leased_port

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    port = leased_port()
    with (
        python_server(ONE_AT_A_TIME, "127.0.0.1", port, ready=port) as server,
        clients("127.0.0.1", port, 20),
    ):
        os.kill(server.pid, signal.SIGSTOP)
        try:
            with clients("127.0.0.1", port, 20):
                yield Situation(f"http://127.0.0.1:{port}/")
        finally:
            os.kill(server.pid, signal.SIGCONT)


FAULT = Fault(
    "T3-full",
    "the server is stopped, and its queue has filled meanwhile",
    _make,
    cause="T3",
    root=False,
)
