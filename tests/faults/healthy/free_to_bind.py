"""A port that nobody has, for whoever wants to listen on it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Healthy, Situation
from tests.support import leased_port

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    yield Situation(f"127.0.0.1:{leased_port()}", options=("--bind",))


HEALTHY = Healthy("a free port", _make)
