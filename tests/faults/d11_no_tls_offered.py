"""D11: sslmode=require, and the server has no TLS."""

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
    yield Situation(f"postgresql://postgres@127.0.0.1:{port}/postgres?sslmode=require")


FAULT = Fault(
    "D11", "postgres: sslmode=require but server has no SSL", _make, cause="D11", slow=True
)
