"""D13: MariaDB was started with --skip-networking: there is only a unix socket."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.servers.mariadb import mariadb

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    with mariadb("--skip-networking") as running:
        yield Situation(f"mysql://me:right@127.0.0.1:{running.port}/shop")


FAULT = Fault("D13m", "mysql: --skip-networking", _make, cause="L11", slow=True)
