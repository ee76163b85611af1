"""D3: Redis has as many clients as it takes."""

from __future__ import annotations

import socket
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.servers.redis import redis

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

_MOST = 2


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    with redis(place, "--maxclients", str(_MOST)) as running, ExitStack() as held:
        for _number in range(_MOST):
            client = socket.create_connection(("127.0.0.1", running.port))
            held.enter_context(client)
            client.sendall(b"PING\r\n")
            assert client.recv(100) == b"+PONG\r\n"
        yield Situation(f"redis://127.0.0.1:{running.port}")


FAULT = Fault("D3", "redis maxclients reached", _make, cause="D3")
