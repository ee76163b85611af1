"""H6: redirects in a circle."""

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
    there = {"status": 302, "headers": {"Location": "/b"}}
    back = {"status": 302, "headers": {"Location": "/a"}}
    with answering({"/a": there, "/b": back, "*": there}) as port:
        yield Situation(f"http://127.0.0.1:{port}/a")


FAULT = Fault("H6", "redirects in a circle", _make, cause="H6")
