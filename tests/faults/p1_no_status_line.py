"""P1: an answer without a status line."""

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
    with saying(b"<html>hello</html>") as port:
        yield Situation(f"http://127.0.0.1:{port}/")


FAULT = Fault("P1", "an answer without a status line", _make, cause="P1")
