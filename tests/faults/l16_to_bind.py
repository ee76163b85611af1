"""L16: whoever wants to listen sits in a cgroup that may not bind, as with SocketBindDeny=any."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.cgroup_programs import cgroup, entered
from tests.faults.fault import Fault, Situation
from tests.support import network_namespace

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    with network_namespace() as namespace, cgroup("bind4") as within:
        yield Situation("127.0.0.1:8000", entered(namespace, within), ("--bind",))


FAULT = Fault("L16b", "a program of one's cgroup forbids to bind", _make, cause="L16", root=True)
