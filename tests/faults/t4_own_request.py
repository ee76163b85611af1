"""T4-own: the handler of our request computes."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.servers import python_server
from tests.faults.stubborn import MANY_AT_A_TIME
from tests.support import leased_port

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    port = leased_port()
    with python_server(MANY_AT_A_TIME, "127.0.0.1", port, ready=port):
        yield Situation(f"http://127.0.0.1:{port}/compute")


FAULT = Fault("T4-own", "the handler of our request computes", _make, cause="T4", root=False)
