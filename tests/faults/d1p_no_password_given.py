"""D1: PostgreSQL asks for a password, and the URL has none."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.servers.postgresql import plain
from tests.servers.shared import shared

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    port = shared(plain).port
    yield Situation(f"postgresql://scram@127.0.0.1:{port}/postgres")


FAULT = Fault("D1p", "postgres: no password supplied", _make, cause="D1", slow=True)
