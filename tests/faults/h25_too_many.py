"""H25: too many requests."""

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
    with answering({"*": {"status": 429, "headers": {"Retry-After": "30"}}}) as port:
        yield Situation(f"http://127.0.0.1:{port}/")


FAULT = Fault("H25", "too many requests", _make, cause="H25")
