"""N2: the server listens on ::1 only, and the client goes to 127.0.0.1."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

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
        python_server(HTTP, "::1", 8000, ready=8000, namespace=namespace),
    ):
        yield Situation("http://127.0.0.1:8000/", namespace)


FAULT = Fault("N2", "server only on ::1, client uses 127.0.0.1", _make, cause="N2", root=True)
