"""N3: the hosts file has lost the line of localhost."""

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
    with (
        network_namespace() as namespace,
        files_of(namespace, hosts="10.9.8.7 elsewhere\n", nsswitch__conf="hosts: files\n"),
        python_server(HTTP, "127.0.0.1", 8000, ready=8000, namespace=namespace),
    ):
        yield Situation("http://localhost:8000/", namespace)


FAULT = Fault("N3", "the hosts file lost localhost", _make, cause="N3", root=True)
