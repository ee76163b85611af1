"""C6: the client has used up its local ports; the range is made small for that."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.servers import python_server
from tests.support import network_namespace

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

_SERVER = """
import socket, sys
kept = []
server = socket.create_server(("127.0.0.1", 8000), backlog=200)
print("ready", flush=True)
while True:
    kept.append(server.accept())
"""
_CLIENT = """
import errno, socket, time
kept = []
try:
    while True:
        kept.append(socket.create_connection(("127.0.0.1", 8000)))
except OSError as error:
    assert error.errno == errno.EADDRNOTAVAIL, error
print("full", len(kept), flush=True)
time.sleep(60)
"""


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    with network_namespace() as namespace:
        namespace.run("sysctl", "-qw", "net.ipv4.ip_local_port_range=40000 40063")
        with (
            python_server(_SERVER, ready="^ready", namespace=namespace),
            python_server(_CLIENT, ready="^full", namespace=namespace),
        ):
            yield Situation("http://127.0.0.1:8000/", namespace)


FAULT = Fault("C6", "client out of ephemeral ports", _make, cause="C6", root=True)
