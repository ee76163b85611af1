"""PostgreSQL with a certificate of its own, which the URL names as an authority to trust."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Healthy, Situation
from tests.servers.postgresql import secured
from tests.servers.shared import shared

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    running = shared(secured)
    trust = f"sslmode=verify-ca&sslrootcert={running.place / 'server.crt'}"
    yield Situation(f"postgresql://scram:right@127.0.0.1:{running.port}/postgres?{trust}")


HEALTHY = Healthy("PostgreSQL, whose certificate the URL trusts", _make, slow=True)
