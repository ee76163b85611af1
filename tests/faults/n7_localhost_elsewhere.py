"""N7: the hosts file lost localhost, and a name server gives every name an address elsewhere."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.name_server import files_of_resolver, name_server
from tests.faults.servers import HTTP, python_server
from tests.support import network_namespace

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    with (
        network_namespace() as namespace,
        files_of_resolver(namespace, "10.9.8.7 elsewhere\n"),
        name_server(namespace, "203.0.113.9"),
        python_server(HTTP, "127.0.0.1", 8000, ready=8000, namespace=namespace),
    ):
        yield Situation("http://localhost:8000/", namespace)


FAULT = Fault("N7", "a name server sends localhost elsewhere", _make, cause="N7", root=True)
