"""Redis without a password."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Healthy, Situation
from tests.servers.redis import redis

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    with redis(place) as running:
        yield Situation(f"redis://127.0.0.1:{running.port}")


HEALTHY = Healthy("Redis", _make)
