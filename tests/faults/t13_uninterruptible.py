"""T13: the server sleeps uninterruptibly."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from homeport.host.pulse import process_pulse
from tests.faults.fault import Fault, Situation
from tests.faults.servers import python_server
from tests.support import leased_port, wait_until

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

# A disk that hangs cannot be had; but the parent of a vfork(2) sleeps just so until its child ends.
SLEEPS_IN_D = """
import ctypes, socket, sys
listening = socket.create_server((sys.argv[1], int(sys.argv[2])), backlog=64)
libc = ctypes.PyDLL(None)
if libc.vfork() == 0:
    libc.close(listening.fileno())
    libc.pause()
    libc._exit(0)
"""


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    port = leased_port()
    with python_server(SLEEPS_IN_D, "127.0.0.1", port, ready=port) as server:
        wait_until(lambda: (pulse := process_pulse(server.pid)) is not None and pulse.state == "D")
        yield Situation(f"http://127.0.0.1:{port}/")


FAULT = Fault("T13", "the server sleeps uninterruptibly", _make, cause="T13", root=False)
