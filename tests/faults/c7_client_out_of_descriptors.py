"""C7: the client may open no more descriptors."""

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
import os, resource, time
resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
kept = []
try:
    while True:
        kept.append(os.open("/dev/null", os.O_RDONLY))
except OSError:
    print("full", flush=True)
time.sleep(60)
"""


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    port = leased_port()
    with (
        python_server(HTTP, "127.0.0.1", port, ready=port),
        python_server(_CLIENT, ready="^full") as client,
    ):
        yield Situation(f"http://127.0.0.1:{port}/", options=("--as", str(client.pid)))


FAULT = Fault("C7", "client out of descriptors", _make, cause="C7")
