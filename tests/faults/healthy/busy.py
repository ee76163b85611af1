"""A server that is busy, and answers."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Healthy, Situation
from tests.faults.servers import HTTP, python_server
from tests.support import leased_port, spawn

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

LOAD = """
import sys, urllib.request
while True:
    urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/").read()
    print("answered")
"""


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    port = leased_port()
    argv = [sys.executable, "-u", "-c", LOAD, str(port)]
    with (
        python_server(HTTP, "127.0.0.1", port, ready=port),
        spawn(argv, ready="answered"),
        spawn(argv, ready="answered"),
    ):
        yield Situation(f"http://127.0.0.1:{port}/")


HEALTHY = Healthy("a server that is busy, and answers", _make)
