"""H19: a redirect to a page that fails."""

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
        {"/": {"status": 302, "headers": {"Location": "/app/"}}, "*": {"status": 500}}
    ) as port:
        yield Situation(f"http://127.0.0.1:{port}/")


FAULT = Fault("H19", "a redirect to a page that fails", _make, cause="H19")
