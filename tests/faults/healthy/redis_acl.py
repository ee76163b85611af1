"""Redis with a user whom the ACL allows nothing but what a client says first."""

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
    with redis(place, "--user", "limited", "on", ">right", "~*", "-@all", "+ping") as running:
        yield Situation(f"redis://limited:right@127.0.0.1:{running.port}")


HEALTHY = Healthy("Redis, ACL", _make)
