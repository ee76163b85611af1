"""PostgreSQL with SCRAM and the right password."""

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
    yield Situation(f"postgres://scram:right@localhost:{port}/postgres")


HEALTHY = Healthy("PostgreSQL, SCRAM", _make, slow=True)
