"""T16: the server crashes on the request."""

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
    with python_server(ACCEPTS_AND, "127.0.0.1", port, "crashes", ready=port):
        yield Situation(f"http://127.0.0.1:{port}/")


FAULT = Fault("T16", "the server crashes on the request", _make, cause="T16", root=False)
