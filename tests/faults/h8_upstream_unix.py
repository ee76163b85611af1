"""H8: nginx answers 502 for a unix socket that is not there."""

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
    port = leased_port()
    server = (
        f"server {{ listen 127.0.0.1:{port}; "
        f"location / {{ proxy_pass http://unix:{place}/app.sock:/; }} }}\n"
    )
    with nginx(place, server, port=port):
        yield Situation(f"http://localhost:{port}/")


FAULT = Fault("H8", "nginx answers 502 for a unix socket that is not there", _make, cause="H8")
