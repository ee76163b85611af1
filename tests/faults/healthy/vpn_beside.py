"""A server of loopback, on a machine with a VPN's kill switch and tracked connections."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Healthy, Situation
from tests.faults.servers import HTTP, python_server
from tests.support import need, network_namespace

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    need("nft", package="nftables")
    with network_namespace() as namespace:
        namespace.run("ip", "rule", "add", "not", "fwmark", "0xca6c", "table", "51820")
        namespace.run("ip", "route", "add", "prohibit", "default", "table", "51820")
        namespace.run("nft", "add table inet t")
        namespace.run("nft", "add chain inet t c { type filter hook input priority 0; }")
        namespace.run("nft", "add rule inet t c ct state established,new accept")
        with python_server(HTTP, "127.0.0.1", 8000, ready=8000, namespace=namespace):
            yield Situation("http://localhost:8000/", namespace)


HEALTHY = Healthy("beside a VPN", _make, root=True)
