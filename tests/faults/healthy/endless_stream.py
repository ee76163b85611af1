"""A stream of events that never ends."""

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
    with saying(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n", end="hold"
    ) as port:
        yield Situation(f"http://127.0.0.1:{port}/")


HEALTHY = Healthy("a stream of events that never ends", _make)
