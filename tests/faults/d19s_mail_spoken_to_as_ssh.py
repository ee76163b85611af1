"""D19: a client of SSH comes to a mail server."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.servers.messaging import mail

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    with mail() as running:
        yield Situation(f"ssh://127.0.0.1:{running.port}")


FAULT = Fault("D19s", "ssh to smtp", _make, cause="D19")
