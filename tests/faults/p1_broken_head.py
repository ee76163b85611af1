"""P1: an answer with a broken head."""

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
    with saying(b"HTTP/1.1 two hundred\r\nfoo\r\n\r\n") as port:
        yield Situation(f"http://127.0.0.1:{port}/")


FAULT = Fault("P1", "an answer with a broken head", _make, cause="P1")
