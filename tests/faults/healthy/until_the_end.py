"""An answer that ends with the connection."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Healthy, Situation
from tests.faults.web import saying

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    with saying(b"HTTP/1.0 200 OK\r\n\r\nhello") as port:
        yield Situation(f"http://127.0.0.1:{port}/")


HEALTHY = Healthy("an answer that ends with the connection", _make)
