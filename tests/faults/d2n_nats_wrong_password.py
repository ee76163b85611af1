"""D2: the password is wrong."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.servers.messaging import nats

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    with nats("--user", "me", "--pass", "right") as running:
        yield Situation(f"nats://me:mistaken@127.0.0.1:{running.port}")


FAULT = Fault("D2n", "nats: Authorization Violation", _make, cause="D2")
