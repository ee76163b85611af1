"""D4: the memory is used up, and nothing may be evicted."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.servers.redis import redis

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    with redis(place, "--maxmemory", "100kb") as running:
        yield Situation(f"redis://127.0.0.1:{running.port}")


FAULT = Fault("D4", "redis OOM, noeviction", _make, cause="D4")
