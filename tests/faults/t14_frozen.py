"""T14: the cgroup of the server is frozen, as by docker pause."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.cgroups import frozen
from tests.faults.fault import Fault, Situation
from tests.faults.servers import HTTP, python_server
from tests.support import leased_port

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    port = leased_port()
    with frozen() as cgroup, python_server(HTTP, "127.0.0.1", port, ready=port) as server:
        (cgroup.place / "cgroup.procs").write_text(str(server.pid))
        cgroup.freeze()
        try:
            yield Situation(f"http://127.0.0.1:{port}/")
        finally:
            cgroup.thaw()
            (cgroup.place.parent / "cgroup.procs").write_text(str(server.pid))


FAULT = Fault(
    "T14", "the cgroup of the server is frozen, as by docker pause", _make, cause="T14", root=True
)
