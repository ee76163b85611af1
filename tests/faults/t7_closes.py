"""T7-closes: the server has one descriptor left, to close what comes."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.servers import python_server
from tests.faults.stubborn import clients
from tests.support import leased_port

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

# libuv, redis and others keep a descriptor in reserve, to accept with and close at once.
CLOSES = """
import os, resource, socket, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (8, 8))
listening = socket.create_server((sys.argv[1], int(sys.argv[2])), backlog=64)
kept, reserve = [], os.open("/dev/null", os.O_RDONLY)
while True:
    try:
        kept.append(listening.accept())
    except OSError:
        os.close(reserve)
        listening.accept()[0].close()
        reserve = os.open("/dev/null", os.O_RDONLY)
"""


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    port = leased_port()
    with (
        python_server(CLOSES, "127.0.0.1", port, ready=port),
        clients("127.0.0.1", port, 12),
    ):
        yield Situation(f"http://127.0.0.1:{port}/")


FAULT = Fault(
    "T7-closes",
    "the server has one descriptor left, to close what comes",
    _make,
    cause="T7",
    root=False,
)
