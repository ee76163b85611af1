"""D20: Redis without a password is asked over an address that is not of loopback."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.servers.redis import redis
from tests.support import network_namespace

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    with network_namespace() as namespace:
        namespace.run("ip", "address", "add", "10.9.9.9/32", "dev", "lo")
        with redis(place, namespace=namespace, bind="*") as running:
            yield Situation(f"redis://10.9.9.9:{running.port}", namespace)


FAULT = Fault("D20", "redis protected mode (-DENIED)", _make, cause="D20", root=True)
