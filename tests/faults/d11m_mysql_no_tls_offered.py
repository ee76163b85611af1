"""D11: the client insists on TLS, and the server has none."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.servers.mariadb import plain
from tests.servers.shared import shared

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    port = shared(plain).port
    yield Situation(f"mysql://me:right@127.0.0.1:{port}?ssl-mode=REQUIRED")


FAULT = Fault(
    "D11m", "mysql: ssl-mode=REQUIRED but server has no SSL", _make, cause="D11", slow=True
)
