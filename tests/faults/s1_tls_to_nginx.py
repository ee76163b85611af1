"""S1: https spoken to a plain port of nginx."""

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
    with nginx(place, f"server {{ listen 127.0.0.1:{port}; return 200 ok; }}", port=port):
        yield Situation(f"https://localhost:{port}/app")


FAULT = Fault("S1", "https spoken to a plain port of nginx", _make, cause="S1")
