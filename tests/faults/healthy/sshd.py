"""An SSH server."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Healthy, Situation
from tests.servers.messaging import sshd

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    with sshd() as running:
        yield Situation(f"ssh://127.0.0.1:{running.port}")


HEALTHY = Healthy("OpenSSH", _make)
