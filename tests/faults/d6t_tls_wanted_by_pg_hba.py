"""D6: pg_hba.conf has a line for connections with TLS only."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.servers.postgresql import secured
from tests.servers.shared import shared

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    port = shared(secured).port
    yield Situation(f"postgresql://secure@127.0.0.1:{port}/postgres?sslmode=disable")


FAULT = Fault("D6t", "postgres: no pg_hba.conf entry, SSL off", _make, cause="D6", slow=True)
