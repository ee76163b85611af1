"""D2: the password is wrong."""

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
    with redis(place, "--requirepass", "right") as running:
        yield Situation(f"redis://:mistaken@127.0.0.1:{running.port}/0")


FAULT = Fault("D2", "redis WRONGPASS", _make, cause="D2")
