"""C4: the client runs in a network namespace of its own."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.servers import HTTP, python_server
from tests.support import leased_port, network_namespace, spawn

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    port = leased_port()
    with (
        network_namespace() as namespace,
        python_server(HTTP, "127.0.0.1", port, ready=port),
        spawn(namespace.command("sleep", "60")) as client,
    ):
        yield Situation(f"http://127.0.0.1:{port}/", options=("--as", str(client.pid)))


FAULT = Fault("C4", "client in its own network namespace", _make, cause="C4", root=True)
