"""PostgreSQL that wants a password, of which only the port is known: nothing is wrong with it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Healthy, Situation
from tests.servers.postgresql import plain
from tests.servers.shared import shared

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    yield Situation(f"127.0.0.1:{shared(plain).port}")


HEALTHY = Healthy("PostgreSQL, by port only", _make, slow=True)
