"""MongoDB with SCRAM-SHA-1."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Healthy, Situation
from tests.servers.mongodb import locked
from tests.servers.shared import shared

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    port = shared(locked).port
    yield Situation(f"mongodb://me:right@localhost:{port}/?authMechanism=SCRAM-SHA-1")


HEALTHY = Healthy("MongoDB, SCRAM-SHA-1", _make, slow=True)
