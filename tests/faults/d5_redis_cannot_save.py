"""D5: Redis can't save, because its directory is gone, and refuses writes therefore."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.servers.redis import commands, redis

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    saved = place / "saved"
    saved.mkdir()
    with redis(saved, "--save", "3600 1") as running:
        saved.rmdir()
        commands(running.port, "SET a 1", "BGSAVE")
        running.server.wait_for("Background saving error")
        yield Situation(f"redis://127.0.0.1:{running.port}")


FAULT = Fault("D5", "redis MISCONF / write refused (disk)", _make, cause="D5")
