"""D24: the ACL does not allow the user to say PING."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.servers.redis import redis

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    with redis(place, "--user", "limited", "on", ">right", "~*", "-@all", "+get") as running:
        yield Situation(f"redis://limited:right@127.0.0.1:{running.port}")


FAULT = Fault("D24r", "redis NOPERM", _make, cause="D24")
