"""K16: a BPF program of the client's cgroup forbids connect(2): EPERM."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.cgroup_programs import cgroup, entered
from tests.faults.fault import Fault, Situation
from tests.faults.servers import HTTP, python_server
from tests.support import network_namespace

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    with (
        network_namespace() as namespace,
        cgroup("connect4") as within,
        python_server(HTTP, "127.0.0.1", 8000, ready=8000, namespace=namespace),
    ):
        yield Situation("http://127.0.0.1:8000/", entered(namespace, within))


FAULT = Fault(
    "K16e", "a program of the client's cgroup forbids to connect", _make, cause="K16", root=True
)
