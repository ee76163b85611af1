"""L3: the process is up, and does not listen yet."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.servers import python_server
from tests.support import leased_port

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

_SLOW = """
import sys, time
print("starting", flush=True)
time.sleep(60)
"""


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    port = leased_port()
    with python_server(_SLOW, "--port", port, ready="^starting"):
        yield Situation(f"http://127.0.0.1:{port}/")


FAULT = Fault("L3", "still starting", _make, cause="L3")
