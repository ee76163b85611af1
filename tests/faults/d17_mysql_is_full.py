"""D17: every connection of MariaDB is taken."""

from __future__ import annotations

import socket
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.servers.mariadb import mariadb

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

_FEWEST = 10
_SPARE = 3


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    with mariadb(f"--max-connections={_FEWEST}") as running, ExitStack() as held:
        for _number in range(_FEWEST + _SPARE):
            client = socket.create_connection(("127.0.0.1", running.port))
            held.enter_context(client)
            client.recv(1)  # the greeting, or the refusal
        yield Situation(f"mysql://me:right@127.0.0.1:{running.port}/shop")


FAULT = Fault("D17", "mysql: too many connections (1040)", _make, cause="D17", slow=True)
