"""D12: the account has REQUIRE SSL, the client no TLS."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.servers.mariadb import secured
from tests.servers.shared import shared

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    port = shared(secured).port
    yield Situation(f"mysql://secure:right@127.0.0.1:{port}?ssl-mode=DISABLED")


FAULT = Fault("D12m", "mysql: account requires SSL", _make, cause="D12", slow=True)
