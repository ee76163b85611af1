"""H8: Caddy answers 502, since nobody listens behind it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.web import caddy
from tests.support import leased_port

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    inner, port = leased_port(), leased_port()
    with caddy(
        place, f"http://localhost:{port} {{\n  reverse_proxy localhost:{inner}\n}}\n", port=port
    ):
        yield Situation(f"http://localhost:{port}/")


FAULT = Fault("H8", "Caddy answers 502, since nobody listens behind it", _make, cause="H8")
