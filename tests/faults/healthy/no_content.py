"""An empty answer (204)."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Healthy, Situation
from tests.faults.web import answering

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    with answering({"*": {"status": 204}}) as port:
        yield Situation(f"http://127.0.0.1:{port}/")


HEALTHY = Healthy("an empty answer (204)", _make)
