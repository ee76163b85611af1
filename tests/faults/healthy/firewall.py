"""A firewall that drops other things meanwhile."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Healthy, Situation
from tests.faults.servers import HTTP, python_server
from tests.support import need, network_namespace, spawn

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

RULES = """
table inet t {
  chain c {
    type filter hook input priority 0; policy drop;
    iif lo udp dport 53 counter drop
    iif lo accept
  }
}
"""
KNOCKS = """
import socket, time
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
while True:
    client.sendto(b"x", ("127.0.0.1", 53))
    print("knocked")
    time.sleep(0.001)
"""


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    with (
        network_namespace() as namespace,
        python_server(HTTP, "127.0.0.1", 8000, ready=8000, namespace=namespace),
    ):
        namespace.run(need("nft", package="nftables"), RULES)
        with spawn(namespace.command(sys.executable, "-u", "-c", KNOCKS), ready="knocked"):
            yield Situation("http://127.0.0.1:8000/", namespace)


HEALTHY = Healthy("a firewall that drops other things meanwhile", _make, root=True)
