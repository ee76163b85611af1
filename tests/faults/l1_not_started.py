"""L1: nobody listens."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.support import leased_port

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    yield Situation(f"http://127.0.0.1:{leased_port()}/")


FAULT = Fault("L1", "service not started", _make, cause="L1")
