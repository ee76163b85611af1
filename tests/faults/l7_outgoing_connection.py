"""L7: an outgoing connection was given the port of a server."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.servers import HTTP, python_server
from tests.support import leased_port

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

_CLIENT = """
import socket, sys, time
own, there = map(int, sys.argv[1:])
client = socket.socket()
client.bind(("127.0.0.1", own))
client.connect(("127.0.0.1", there))
print("connected", flush=True)
time.sleep(60)
"""


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    own, there = leased_port(), leased_port()
    with (
        python_server(HTTP, "127.0.0.1", there, ready=there),
        python_server(_CLIENT, own, there, ready="^connected"),
    ):
        yield Situation(f"127.0.0.1:{own}", options=("--bind",))


FAULT = Fault("L7", "port held by an outgoing connection", _make, cause="L7")
