"""S1: https spoken to a plain HTTP port."""

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
        yield Situation(f"https://127.0.0.1:{port}/")


FAULT = Fault("S1", "https spoken to a plain HTTP port", _make, cause="S1")
