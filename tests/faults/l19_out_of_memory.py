"""L19: the server was killed for want of memory."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.cgroups import limited_memory
from tests.faults.fault import Fault, Situation
from tests.faults.servers import python_server
from tests.faults.stubborn import clients
from tests.support import has_ended, leased_port, wait_until

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

GREEDY = """
import pathlib, os, socket, sys
pathlib.Path(sys.argv[3], "cgroup.procs").write_text(str(os.getpid()))
listening = socket.create_server((sys.argv[1], int(sys.argv[2])))
connection, _ = listening.accept()
connection.recv(1000)
kept = []
while True:
    kept.append(b"x" * (1 << 20))
"""


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    port = leased_port()
    with (
        limited_memory(48 << 20) as cgroup,
        python_server(GREEDY, "127.0.0.1", port, cgroup, ready=port) as server,
        clients("127.0.0.1", port, 1, "/"),
    ):
        wait_until(lambda: has_ended(server.pid), what="the kill")
        yield Situation(f"http://127.0.0.1:{port}/")


FAULT = Fault("L19", "the server was killed for want of memory", _make, cause="L19", root=True)
