"""H12: a token is wanted (403)."""

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
    with answering(
        {"*": {"status": 403, "body": "{}", "headers": {"Content-Type": "application/json"}}}
    ) as port:
        yield Situation(f"http://127.0.0.1:{port}/api/contents")


FAULT = Fault("H12", "a token is wanted (403)", _make, cause="H12")
