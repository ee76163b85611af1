"""D24: the user has no right to the database."""

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
    yield Situation(f"mysql://me:right@127.0.0.1:{port}/mysql")


FAULT = Fault("D24m", "mysql: access denied to database (1044)", _make, cause="D24", slow=True)
