"""D22: the client looks at the certificate, and does not trust it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.servers.postgresql import secured
from tests.servers.shared import shared

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    port = shared(secured).port
    yield Situation(f"postgresql://scram:right@127.0.0.1:{port}/postgres?sslmode=verify-ca")


FAULT = Fault("D22c", "postgres: sslmode=verify-ca, self-signed", _make, cause="D22", slow=True)
