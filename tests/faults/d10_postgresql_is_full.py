"""D10: every connection of PostgreSQL is taken."""

from __future__ import annotations

import subprocess
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.servers.postgresql import postgresql
from tests.support import need, wait_until

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from tests.servers.shared import Running


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    options = ("-c", "max_connections=4", "-c", "superuser_reserved_connections=1")
    with postgresql(*options) as running, ExitStack() as held:
        for _number in range(4):
            held.enter_context(_connection(running))
        wait_until(lambda: "too many clients" in _refused(running), what="a full server")
        yield Situation(f"postgresql://postgres@127.0.0.1:{running.port}/postgres")


@contextmanager
def _connection(running: Running) -> Generator[None]:
    """A client that is logged in and waits for its next command."""
    with subprocess.Popen(
        _psql(running), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ):
        yield


def _psql(running: Running) -> list[str]:
    argv = [need("psql", package="postgresql"), "-X", "-h", "127.0.0.1", "-p", str(running.port)]
    return [*argv, "-U", "postgres", "postgres"]


def _refused(running: Running) -> str:
    argv = [*_psql(running), "-c", "SELECT 1"]
    return subprocess.run(argv, capture_output=True, text=True, check=False).stderr


FAULT = Fault("D10", "postgres: too many clients", _make, cause="D10", slow=True)
