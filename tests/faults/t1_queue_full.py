"""T1: the accept queue is full."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.servers import python_server
from tests.faults.stubborn import NEVER_ACCEPTS, clients
from tests.support import network_namespace

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    with (
        network_namespace() as namespace,
        python_server(NEVER_ACCEPTS, "127.0.0.1", 8000, 2, ready=8000, namespace=namespace),
        clients("127.0.0.1", 8000, 3, namespace=namespace),
    ):
        yield Situation("http://127.0.0.1:8000/", namespace)


FAULT = Fault("T1", "the accept queue is full", _make, cause="T1", root=True)
