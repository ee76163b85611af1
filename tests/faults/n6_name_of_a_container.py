"""N6: the name of a service in a compose file, asked for from the host."""

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
def _make(place: Path) -> Generator[Situation]:
    compose = "services:\n  db:\n    image: postgres\n    ports: ['5432']\n"
    (place / "compose.yaml").write_text(compose, encoding="ascii")
    with (
        network_namespace() as namespace,
        files_of(namespace, hosts="127.0.0.1 localhost\n", nsswitch__conf="hosts: files\n"),
        python_server(HTTP, "127.0.0.1", 5432, ready=5432, namespace=namespace),
    ):
        yield Situation("postgresql://me@db:5432/shop", namespace, cwd=place)


FAULT = Fault("N6", "compose service name used from the host", _make, cause="N6", root=True)
