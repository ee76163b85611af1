"""K14: a reset in the middle of the body."""

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
    with saying(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort", end="reset") as port:
        yield Situation(f"http://127.0.0.1:{port}/")


FAULT = Fault("K14", "a reset in the middle of the body", _make, cause="K14")
