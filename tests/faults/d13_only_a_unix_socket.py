"""D13: listen_addresses is empty: PostgreSQL listens on its unix socket only."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.servers.postgresql import postgresql

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    with postgresql(addresses="") as running:
        yield Situation(f"postgresql://postgres@127.0.0.1:{running.port}/postgres")


FAULT = Fault("D13", "postgres: listen_addresses empty", _make, cause="L11", slow=True)
