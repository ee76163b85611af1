"""Nginx before another server."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Healthy, Situation
from tests.faults.servers import HTTP, python_server
from tests.faults.web import nginx
from tests.support import leased_port

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    inner, port = leased_port(), leased_port()
    server = (
        f"server {{ listen 127.0.0.1:{port}; "
        f"location / {{ proxy_pass http://127.0.0.1:{inner}; }} }}\n"
    )
    with (
        python_server(HTTP, "127.0.0.1", inner, ready=inner),
        nginx(place, server, port=port),
    ):
        yield Situation(f"http://localhost:{port}/")


HEALTHY = Healthy("nginx before another server", _make)
