"""D6: a line of pg_hba.conf rejects this user."""

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
    yield Situation(f"postgresql://barred@127.0.0.1:{port}/postgres")


FAULT = Fault("D6r", "postgres: pg_hba.conf rejects", _make, cause="D6", slow=True)
