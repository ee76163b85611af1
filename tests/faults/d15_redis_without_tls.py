"""D15: the client begins with TLS, the port has none."""

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
    with redis(place) as running:
        yield Situation(f"rediss://127.0.0.1:{running.port}")


FAULT = Fault("D15", "rediss to a port without TLS", _make, cause="D15")
