"""T6: the server never accepts, and its queue has room."""

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
        python_server(NEVER_ACCEPTS, "127.0.0.1", 8000, 100, ready=8000, namespace=namespace),
        clients("127.0.0.1", 8000, 1, namespace=namespace),
    ):
        yield Situation("http://127.0.0.1:8000/", namespace)


FAULT = Fault(
    "T6", "the server never accepts, and its queue has room", _make, cause="T6", root=True
)
