"""D14: PostgreSQL is starting up.

Emulated: the real window is less than 100 ms long. The words are those of PostgreSQL 15.
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

_SERVER = r"""
import socket, sys
FIELDS = (b"SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0"
          b"Fpostmaster.c\0L2352\0RProcessStartupPacket\0\0")
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    client = listener.accept()[0]
    if client.recv(8)[4:] == bytes.fromhex("04d2162f"):
        client.sendall(b"N")
        client.recv(1000)
    client.sendall(b"E" + (len(FIELDS) + 4).to_bytes(4, "big") + FIELDS)
    client.close()
"""


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    port = leased_port()
    with python_server(_SERVER, port, ready=port):
        yield Situation(f"postgresql://postgres@127.0.0.1:{port}/postgres")


FAULT = Fault("D14", "postgres starting up (57P03)", _make, cause="D14")
