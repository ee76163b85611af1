"""Gunicorn with two workers."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Healthy, Situation
from tests.faults.web import application
from tests.support import leased_port

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

SOURCE = """
def app(environment, start):
    start("200 OK", [("Content-Length", "2")])
    return [b"ok"]
"""


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    port = leased_port()
    argv = (sys.executable, "-m", "gunicorn", "-w2", "-b", f"127.0.0.1:{port}", "app:app")
    with application(SOURCE, "app.py", place, *argv, port=port):
        yield Situation(f"http://localhost:{port}/")


HEALTHY = Healthy("gunicorn with two workers", _make)
