"""T7: the server has no descriptor left."""

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

LIMITED = """
import resource, socket, sys, time
resource.setrlimit(resource.RLIMIT_NOFILE, (8, 8))
listening = socket.create_server((sys.argv[1], int(sys.argv[2])), backlog=64)
kept = []
while True:
    try:
        kept.append(listening.accept())
    except OSError:
        time.sleep(0.1)
"""


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    port = leased_port()
    with (
        python_server(LIMITED, "127.0.0.1", port, ready=port),
        clients("127.0.0.1", port, 12),
    ):
        yield Situation(f"http://127.0.0.1:{port}/")


FAULT = Fault("T7", "the server has no descriptor left", _make, cause="T7", root=False)
