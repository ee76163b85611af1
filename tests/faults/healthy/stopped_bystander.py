"""A stopped process that names the port, and does not own it."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Healthy, Situation
from tests.faults.servers import HTTP, python_server
from tests.support import leased_port, spawn

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    port = leased_port()
    with (
        python_server(HTTP, "127.0.0.1", port, ready=port),
        spawn(["sleep", "1000", str(port)]) as bystander,
    ):
        os.kill(bystander.pid, signal.SIGSTOP)
        try:
            yield Situation(f"http://127.0.0.1:{port}/")
        finally:
            os.kill(bystander.pid, signal.SIGCONT)


HEALTHY = Healthy("a stopped process that names the port, and does not own it", _make)
