"""L12: the listener is in another network namespace."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.servers import HTTP, python_server
from tests.support import leased_port, network_namespace

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    port = leased_port()
    with (
        network_namespace() as namespace,
        python_server(HTTP, "127.0.0.1", port, ready=port, namespace=namespace),
    ):
        yield Situation(f"http://127.0.0.1:{port}/")


FAULT = Fault("L12", "listener in another network namespace", _make, cause="L12", root=True)
