"""C11: a seccomp filter of the client forbids to connect."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.sandboxes import SECCOMP, sandbox
from tests.faults.servers import HTTP, python_server
from tests.support import network_namespace

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    with (
        network_namespace() as namespace,
        python_server(HTTP, "127.0.0.1", 8000, ready=8000, namespace=namespace),
    ):
        within = sandbox(namespace, SECCOMP)
        yield Situation("http://127.0.0.1:8000/", within)


FAULT = Fault(
    "C11", "a seccomp filter of the client forbids to connect", _make, cause="C11", root=True
)
