"""H26: in maintenance."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.web import answering

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    with answering({"*": {"status": 503, "headers": {"Retry-After": "120"}}}) as port:
        yield Situation(f"http://127.0.0.1:{port}/")


FAULT = Fault("H26", "in maintenance", _make, cause="H26")
