"""A server in a cgroup with a filter that lets all pass, as with IPAddressAllow=any."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.cgroup_programs import cgroup, entered
from tests.faults.fault import Healthy, Situation
from tests.faults.servers import HTTP, python_server
from tests.support import network_namespace

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    with (
        network_namespace() as namespace,
        cgroup("ingress", "egress", allow=True) as within,
        python_server(HTTP, "127.0.0.1", 8000, ready=8000, namespace=entered(namespace, within)),
    ):
        yield Situation("http://127.0.0.1:8000/", entered(namespace, within))


HEALTHY = Healthy("a filter that allows", _make, root=True)
