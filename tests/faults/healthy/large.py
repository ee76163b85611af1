"""A large file."""

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
    place.joinpath("large").write_bytes(b"x" * 3_000_000)
    port = leased_port()
    with nginx(place, f"server {{ listen 127.0.0.1:{port}; root {place}; }}", port=port):
        yield Situation(f"http://127.0.0.1:{port}/large")


HEALTHY = Healthy("a large file", _make)
