"""SX: a server that hangs up on the handshake."""

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
    with saying(b"", end="close") as port:
        yield Situation(f"https://127.0.0.1:{port}/")


FAULT = Fault("SX", "a server that hangs up on the handshake", _make, cause=None)
