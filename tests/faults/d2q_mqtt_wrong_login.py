"""D2: the broker does not know the user."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.servers.messaging import mosquitto

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    with mosquitto(anonymous=False) as running:
        yield Situation(f"mqtt://me:mistaken@127.0.0.1:{running.port}")


FAULT = Fault("D2q", "mqtt: not authorized", _make, cause="D2")
