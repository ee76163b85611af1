"""L20: another program listens on the port that a server wants."""

from __future__ import annotations

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
    with python_server(HTTP, "127.0.0.1", port, ready=port):
        yield Situation(f"127.0.0.1:{port}", options=("--bind",))


FAULT = Fault("L20", "another program listens on the port", _make, cause="L20")
