"""D21: MariaDB has blocked the client's host after too many connections without a login.

Emulated: it never blocks loopback. The words are those of MariaDB 10.11.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.servers import python_server
from tests.support import leased_port

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

_SERVER = """
import socket, sys
TEXT = (b"Host '10.9.9.9' is blocked because of many connection errors; "
        b"unblock with 'mariadb-admin flush-hosts'")
PAYLOAD = bytes([0xFF]) + (1129).to_bytes(2, "little") + TEXT
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    client = listener.accept()[0]
    client.sendall(len(PAYLOAD).to_bytes(3, "little") + bytes([0]) + PAYLOAD)
    client.close()
"""


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    port = leased_port()
    with python_server(_SERVER, port, ready=port):
        yield Situation(f"mysql://me:right@127.0.0.1:{port}/shop")


FAULT = Fault("D21b", "mysql: host blocked (1129)", _make, cause="D21")
