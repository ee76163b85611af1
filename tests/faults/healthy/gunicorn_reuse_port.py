"""Gunicorn whose workers share the port by SO_REUSEPORT."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.faults.fault import Healthy, Situation
from tests.support import leased_port, spawn

if TYPE_CHECKING:
    from collections.abc import Generator

APPLICATION = """
def application(environ, start_response):
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
"""


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    port = leased_port()
    (place / "quick.py").write_text(APPLICATION)
    argv = [str(Path(sys.executable).with_name("gunicorn")), "-w3", "--reuse-port"]
    with spawn([*argv, f"-b127.0.0.1:{port}", "quick:application"], ready=port, cwd=place):
        yield Situation(f"http://127.0.0.1:{port}/")


HEALTHY = Healthy("gunicorn whose workers share the port by SO_REUSEPORT", _make)
