"""D15: the client begins with TLS, the server has none."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.servers.mongodb import open_to_all
from tests.servers.shared import shared

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    port = shared(open_to_all).port
    yield Situation(f"mongodb://127.0.0.1:{port}/?tls=true")


FAULT = Fault("D15m", "mongodb: tls=true to a server without", _make, cause="D15", slow=True)
