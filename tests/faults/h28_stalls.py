"""H28: an answer that stops coming."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.web import saying

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    with saying(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nshort", end="hold") as port:
        yield Situation(f"http://127.0.0.1:{port}/")


FAULT = Fault("H28", "an answer that stops coming", _make, cause="H28")
