"""An MQTT broker."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Healthy, Situation
from tests.servers.messaging import mosquitto

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    with mosquitto() as running:
        yield Situation(f"mqtt://127.0.0.1:{running.port}")


HEALTHY = Healthy("Mosquitto", _make)
