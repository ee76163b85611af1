"""D19: a client of PostgreSQL comes to MariaDB."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.servers.mariadb import plain
from tests.servers.shared import shared

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    port = shared(plain).port
    yield Situation(f"postgresql://me@127.0.0.1:{port}/shop")


FAULT = Fault("D19m", "psql to MariaDB", _make, cause="D19", slow=True)
