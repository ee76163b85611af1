"""D6: no line of pg_hba.conf is for this user."""

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
    yield Situation(f"postgresql://stranger:secret@127.0.0.1:{port}/postgres")


FAULT = Fault("D6", "postgres: no pg_hba.conf entry", _make, cause="D6", slow=True)
