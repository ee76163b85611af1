"""H8: nginx answers 502, since nobody listens behind it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
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
        f"location /api/ {{ proxy_pass http://127.0.0.1:{inner}; }} }}\n"
    )
    with nginx(place, server, port=port):
        yield Situation(f"http://localhost:{port}/api/users")


FAULT = Fault("H8", "nginx answers 502, since nobody listens behind it", _make, cause="H8")
