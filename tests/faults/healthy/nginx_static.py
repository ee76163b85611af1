"""Nginx with a file."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Healthy, Situation
from tests.faults.web import nginx
from tests.support import leased_port

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    port = leased_port()
    server = f"server {{ listen 127.0.0.1:{port}; root {place}; }}\n"
    with nginx(place, server, port=port):
        yield Situation(f"http://localhost:{port}/nginx.conf")


HEALTHY = Healthy("nginx with a file", _make)
