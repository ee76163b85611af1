"""H8: caddy reverse-proxy --to answers 502, since nobody listens there."""

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
    words = ("reverse-proxy", "--from", f"http://127.0.0.1:{port}", "--to", f":{inner}")
    with caddy(place, "", *words, port=port):
        yield Situation(f"http://127.0.0.1:{port}/")


FAULT = Fault(
    "H8", "caddy reverse-proxy --to answers 502, since nobody listens there", _make, cause="H8"
)
