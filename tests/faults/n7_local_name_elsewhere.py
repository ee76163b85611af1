"""N7: a name server, such as a VPN's, answers for a local name with an address elsewhere."""

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
        files_of_resolver(namespace, "127.0.0.1 localhost\n"),
        name_server(namespace, "203.0.113.9"),
        python_server(HTTP, "127.0.0.1", 8000, ready=8000, namespace=namespace),
    ):
        yield Situation("http://shop.test:8000/", namespace)


FAULT = Fault("N7v", "a name server sends a local name elsewhere", _make, cause="N7", root=True)
