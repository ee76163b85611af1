"""R1-blackhole: a route of type blackhole."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.support import network_namespace

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    with network_namespace() as namespace:
        namespace.run("ip", "route", "add", "blackhole", "10.9.9.0/24")
        yield Situation("http://10.9.9.1:8000/", namespace)


FAULT = Fault("R1-blackhole", "a route of type blackhole", _make, cause="R1", root=True)
