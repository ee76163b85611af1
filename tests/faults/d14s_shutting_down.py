"""D14: PostgreSQL shuts down, and waits for a client that is still there."""

from __future__ import annotations

import signal
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.servers.postgresql import postgresql
from tests.support import need

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    with postgresql() as running:
        argv = [need("psql", package="postgresql"), "-X", "-h", "127.0.0.1", "-U", "postgres"]
        argv += ["-p", str(running.port), "-c", "SELECT 1", "-f", "-", "postgres"]
        pipe = subprocess.PIPE
        with subprocess.Popen(argv, stdin=pipe, stdout=pipe) as client:
            assert client.stdout is not None
            client.stdout.readline()  # the client is logged in
            running.server.process.send_signal(signal.SIGTERM)
            running.server.wait_for("received smart shutdown request")
            yield Situation(f"postgresql://postgres@127.0.0.1:{running.port}/postgres")


FAULT = Fault("D14s", "postgres shutting down (57P03)", _make, cause="D14", slow=True)
