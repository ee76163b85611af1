"""K16: the client asked about is filtered in its cgroup; homeport, outside, comes through."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.cgroup_programs import cgroup, entered
from tests.faults.fault import Fault, Situation
from tests.faults.servers import HTTP, python_server
from tests.support import network_namespace, spawn

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    with (
        network_namespace() as namespace,
        cgroup("egress") as within,
        python_server(HTTP, "127.0.0.1", 8000, ready=8000, namespace=namespace),
        spawn(
            entered(namespace, within).command("sh", "-c", "echo ready; exec sleep 60"),
            ready="ready",
        ) as client,
    ):
        yield Situation("http://127.0.0.1:8000/", None, ("--as", str(client.pid)))


FAULT = Fault(
    "K16a", "a filter of the cgroup of the client asked about", _make, cause="K16", root=True
)
