"""L15: the service in the container listens on its loopback only."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.servers import HTTP, python_server
from tests.support import leased_port, need, network_namespace, spawn

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    port = leased_port()
    with (
        network_namespace() as host,
        network_namespace() as container,
        python_server(HTTP, "127.0.0.1", port, ready=port, namespace=container),
    ):
        inside = ("netns", container.name)
        host.run("ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1", *inside)
        host.run("ip", "address", "add", "10.9.8.1/24", "dev", "v0")
        host.run("ip", "link", "set", "v0", "up")
        container.run("ip", "address", "add", "10.9.8.2/24", "dev", "v1")
        container.run("ip", "link", "set", "v1", "up")
        listening = f"TCP4-LISTEN:{port},bind=127.0.0.1,fork,reuseaddr"
        argv = [need("socat", package="socat"), listening, f"TCP4:10.9.8.2:{port}"]
        with spawn(host.command(*argv), ready=port):
            yield Situation(f"http://127.0.0.1:{port}/", host)


FAULT = Fault(
    "L15",
    "the service in the container listens on its loopback only",
    _make,
    cause="L15",
    root=True,
)
