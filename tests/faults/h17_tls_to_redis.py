"""H17: https spoken to redis."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.support import leased_port, need, spawn

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    port = leased_port()
    argv = (need("redis-server", package="redis-server"), "--port", str(port), "--save", "")
    with spawn(argv, ready=port, cwd=place):
        yield Situation(f"https://127.0.0.1:{port}/")


FAULT = Fault("H17", "https spoken to redis", _make, cause="H17")
