"""T12: the server crashes, and is started again and again."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.support import leased_port, spawn

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

LOOP = """
import subprocess, sys, time
while True:
    subprocess.run([sys.executable, "-S", "-c", sys.argv[1], sys.argv[2]])
    time.sleep(0.3)
"""
SERVER = """
import socket, sys, time
listening = socket.create_server(("127.0.0.1", int(sys.argv[1])))
listening.settimeout(0.4)
began = time.monotonic()
try:
    while time.monotonic() - began < 0.4:
        connection, _ = listening.accept()
        connection.recv(1000)
        connection.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok")
        connection.close()
except TimeoutError:
    sys.exit(1)
"""


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    port = leased_port()
    loop = [sys.executable, "-u", "-c", LOOP, SERVER, str(port)]
    with spawn(loop, ready=port):
        yield Situation(f"http://127.0.0.1:{port}/")


FAULT = Fault(
    "T12", "the server crashes, and is started again and again", _make, cause="T12", root=False
)
