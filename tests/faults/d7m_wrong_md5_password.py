"""D7: the password is wrong (MD5)."""

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
    yield Situation(f"postgresql://hashed:mistaken@127.0.0.1:{port}/postgres")


FAULT = Fault("D7m", "postgres: password authentication failed, MD5", _make, cause="D7", slow=True)
