"""Redis with a password, and a database of its own."""

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
    with redis(place, "--requirepass", "right") as running:
        yield Situation(f"redis://:right@localhost:{running.port}/3")


HEALTHY = Healthy("Redis, password", _make)
