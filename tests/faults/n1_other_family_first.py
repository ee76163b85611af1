"""N1: localhost is ::1 first, and the server listens on 127.0.0.1 only."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.servers import HTTP, files_of, python_server
from tests.support import network_namespace

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    hosts = "::1 localhost\n127.0.0.1 localhost\n"
    with (
        network_namespace() as namespace,
        files_of(namespace, hosts=hosts, nsswitch__conf="hosts: files\n"),
        python_server(HTTP, "127.0.0.1", 8000, ready=8000, namespace=namespace),
    ):
        yield Situation("http://localhost:8000/", namespace)


FAULT = Fault("N1", "localhost is ::1 first, server on 127.0.0.1", _make, cause="N1", root=True)
