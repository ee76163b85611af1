"""L4: another project has the port."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.servers import HTTP, python_server
from tests.support import leased_port, spawn

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

# As nodemon and other reloaders do: after the failure they wait for a change of the code.
WAITS = """
import signal, socket, sys
try:
    socket.socket().bind(("127.0.0.1", int(sys.argv[2])))
except OSError as error:
    print(error)
signal.pause()
"""


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    port = leased_port()
    (place / "mine" / ".git").mkdir(parents=True)
    (place / "theirs" / ".git").mkdir(parents=True)
    waits = [sys.executable, "-u", "-c", WAITS, "--port", str(port)]
    with (
        python_server(HTTP, "127.0.0.1", port, ready=port, cwd=place / "theirs"),
        spawn(waits, ready="Address already in use", cwd=place / "mine"),
    ):
        yield Situation(f"http://127.0.0.1:{port}/")


FAULT = Fault("L4", "another project has the port", _make, cause="L4", root=False)
