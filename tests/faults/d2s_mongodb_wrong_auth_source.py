"""D2: the user is looked for in another database than its own."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.servers.mongodb import locked
from tests.servers.shared import shared

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    port = shared(locked).port
    yield Situation(f"mongodb://me:right@127.0.0.1:{port}/shop")


FAULT = Fault("D2s", "mongodb: wrong authSource", _make, cause="D2", slow=True)
