"""L27: the port is leased by hand, and its server is not started."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.support import homeport_command, spawn

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    command, _ = homeport_command()
    argv = [
        *command,
        "lease",
        "--name",
        "mine",
        "--",
        "sh",
        "-c",
        "echo port $PORT; exec sleep 600",
    ]
    env = {"XDG_RUNTIME_DIR": str(place)}
    with spawn(argv, ready=r"port \d+", cwd=place, env={**os.environ, **env}) as holder:
        port = holder.wait_for(r"port (\d+)")[1]
        yield Situation(f"http://127.0.0.1:{port}/", env=env)


FAULT = Fault("L27h", "a port that was leased by hand", _make, cause="L27")
