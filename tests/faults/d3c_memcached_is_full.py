"""D3: memcached has as many clients as it takes."""

from __future__ import annotations

import socket
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.servers.memcached import memcached

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

_MOST = 40


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    with memcached("-c", str(_MOST), "-t", "1") as running, ExitStack() as held:
        for _number in range(_MOST):
            client = socket.create_connection(("127.0.0.1", running.port))
            held.enter_context(client)
            client.sendall(b"version\r\n")
            client.recv(100)
        yield Situation(f"memcached://127.0.0.1:{running.port}")


FAULT = Fault("D3c", "memcached: too many open connections", _make, cause="D3")
