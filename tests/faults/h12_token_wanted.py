"""H12: a token is wanted (401)."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.web import answering

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    with answering({"*": {"status": 401, "headers": {"WWW-Authenticate": "Bearer"}}}) as port:
        yield Situation(f"http://127.0.0.1:{port}/")


FAULT = Fault("H12", "a token is wanted (401)", _make, cause="H12")
