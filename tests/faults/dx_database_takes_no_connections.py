"""DX: an error that no rule knows is quoted."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.servers.postgresql import plain
from tests.servers.shared import shared

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    port = shared(plain).port
    yield Situation(f"postgresql://postgres@127.0.0.1:{port}/nowhere")


FAULT = Fault("DX", "postgres: not currently accepting connections", _make, cause="DX", slow=True)
