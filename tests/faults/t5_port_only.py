"""TX-port: a port is asked what it speaks, and the handler waits."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.servers import python_server
from tests.faults.stubborn import ACCEPTS_AND
from tests.support import leased_port

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    port = leased_port()
    with python_server(ACCEPTS_AND, "127.0.0.1", port, "reads", ready=port):
        yield Situation(f"127.0.0.1:{port}")


FAULT = Fault(
    "TX-port",
    "a port is asked what it speaks, and the handler waits",
    _make,
    cause="TX",
    root=False,
)
