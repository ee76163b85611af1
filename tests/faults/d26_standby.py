"""D26: the client wants to write, and PostgreSQL is read-only."""

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
    wish = "target_session_attrs=read-write"
    yield Situation(f"postgresql://reader@127.0.0.1:{port}/postgres?{wish}")


FAULT = Fault("D26", "postgres: read-only session", _make, cause="D26", slow=True)
