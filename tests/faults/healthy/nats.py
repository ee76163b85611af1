"""NATS with a login."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Healthy, Situation
from tests.servers.messaging import nats

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    with nats("--user", "me", "--pass", "right") as running:
        yield Situation(f"nats://me:right@127.0.0.1:{running.port}")


HEALTHY = Healthy("NATS", _make)
