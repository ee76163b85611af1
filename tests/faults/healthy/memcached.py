"""memcached."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Healthy, Situation
from tests.servers.memcached import memcached

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    with memcached() as running:
        yield Situation(f"memcached://127.0.0.1:{running.port}")


HEALTHY = Healthy("memcached", _make)
