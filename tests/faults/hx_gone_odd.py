"""HX: a status that is rare."""

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
    with answering({"*": {"status": 418, "body": "I am a teapot"}}) as port:
        yield Situation(f"http://127.0.0.1:{port}/")


FAULT = Fault("HX", "a status that is rare", _make, cause="HX")
