"""H10: nginx answers 504, since the server behind it is slow."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.web import nginx, saying
from tests.support import leased_port

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    port = leased_port()
    server = (
        f"server {{ listen 127.0.0.1:{port}; "
        f"location / {{ proxy_read_timeout 1s; proxy_pass http://127.0.0.1:INNER; }} }}\n"
    )
    with (
        saying(b"", end="hold") as inner,
        nginx(place, server.replace("INNER", str(inner)), port=port),
    ):
        yield Situation(f"http://localhost:{port}/")


FAULT = Fault("H10", "nginx answers 504, since the server behind it is slow", _make, cause="H10")
