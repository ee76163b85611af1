"""D10: every connection of PostgreSQL is taken."""

from __future__ import annotations

import subprocess
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.servers.postgresql import postgresql
from tests.support import need

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
        yield Situation(f"postgresql://postgres@127.0.0.1:{running.port}/postgres")


@contextmanager
def _connection(running: Running) -> Generator[None]:
    """A client that is logged in and waits for its next command."""
    argv = [need("psql", package="postgresql"), "-X", "-h", "127.0.0.1", "-p", str(running.port)]
    with subprocess.Popen(
        [*argv, "-U", "postgres", "postgres"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as client:
        assert client.stdin is not None
        assert client.stdout is not None
        client.stdin.write("\\echo logged in\n")
        client.stdin.flush()
        assert client.stdout.readline() == "logged in\n"
        yield


FAULT = Fault("D10", "postgres: too many clients", _make, cause="D10", slow=True)
