"""D21: MariaDB has no account for the host that the client comes from."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.servers.mariadb import mariadb, sql

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    with mariadb("--skip-name-resolve") as running:
        # By unix socket the host is `localhost`; over TCP it is 127.0.0.1: nobody is left for it.
        sql(running, "DELETE FROM mysql.global_priv WHERE host <> 'localhost'; FLUSH PRIVILEGES")
        yield Situation(f"mysql://me:right@127.0.0.1:{running.port}/shop")


FAULT = Fault("D21", "mysql: host not allowed (1130)", _make, cause="D21", slow=True)
