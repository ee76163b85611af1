"""Redis, with the options that a fault wants."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.servers.shared import Running
from tests.support import leased_port, need, spawn

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from tests.support import Namespace


@contextmanager
def redis(
    place: Path, *options: str, namespace: Namespace | None = None, bind: str = "127.0.0.1"
) -> Generator[Running]:
    """A server that saves nothing, unless the options say otherwise."""
    port = leased_port()
    argv = [need("redis-server", package="redis-server"), "--port", str(port), "--bind", bind]
    argv += ["--save", "", "--dir", str(place), *options]
    if namespace is not None:
        argv = namespace.command(*argv)
    with spawn(argv, ready="Ready to accept connections") as server:
        yield Running(server, port, place)


def commands(port: int, *lines: str) -> None:
    """Gives commands, one after the other, with redis-cli."""
    cli = need("redis-cli", package="redis-server")
    for line in lines:
        subprocess.run(
            [cli, "-p", str(port), *line.split()], check=False, capture_output=True, timeout=10
        )
