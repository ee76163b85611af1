"""D8: the database does not exist."""

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
    yield Situation(f"mysql://root@127.0.0.1:{port}/nope")


FAULT = Fault("D8m", "mysql: unknown database (1049)", _make, cause="D8", slow=True)
