"""L16: the server's unit may not bind the port, as with SocketBindDeny=any; it tries again.

Without systemd nobody tells what the program of the cgroup lets pass: it is one of two causes.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.cgroup_programs import cgroup, entered
from tests.faults.fault import Fault, Situation
from tests.faults.servers import python_server
from tests.support import network_namespace

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

_SERVER = """
import socket, sys, time
while True:
    with socket.socket() as server:
        try:
            server.bind(("127.0.0.1", int(sys.argv[2])))
            server.listen()
        except OSError as error:
            print(error)
    time.sleep(5)
"""


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    with (
        network_namespace() as namespace,
        cgroup("bind4") as within,
        python_server(
            _SERVER,
            *("--port", 8000),
            ready="Operation not permitted",
            namespace=entered(namespace, within),
        ),
    ):
        yield Situation("http://127.0.0.1:8000/", entered(namespace))


FAULT = Fault("L16", "a program of the cgroup forbids to bind", _make, cause=None, root=True)
