"""PostgreSQL with MD5 and the right password."""

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
    port = shared(plain).port
    yield Situation(f"postgresql://hashed:right@127.0.0.1:{port}/postgres?sslmode=disable")


HEALTHY = Healthy("PostgreSQL, MD5", _make, slow=True)
