"""L15-socat: socat forwards to a port where nobody listens."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.support import leased_port, need, spawn

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    port, other = leased_port(), leased_port()
    listening = f"TCP4-LISTEN:{port},bind=127.0.0.1,fork,reuseaddr"
    argv = [need("socat", package="socat"), listening, f"TCP4:127.0.0.1:{other}"]
    with spawn(argv, ready=port):
        yield Situation(f"http://127.0.0.1:{port}/")


FAULT = Fault(
    "L15-socat", "socat forwards to a port where nobody listens", _make, cause="L15", root=False
)
