"""N5: a name below localhost, which the C library does not know here."""

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
        files_of(namespace, hosts="127.0.0.1 localhost\n", nsswitch__conf="hosts: files\n"),
        python_server(HTTP, "127.0.0.1", 8000, ready=8000, namespace=namespace),
    ):
        yield Situation("http://shop.localhost:8000/", namespace)


FAULT = Fault("N5", "shop.localhost is not resolved", _make, cause="N5", root=True)
