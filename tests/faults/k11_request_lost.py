"""K11-request: the request itself is lost: only the handshake is let through."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.servers import HTTP, python_server
from tests.support import need, network_namespace

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

RULES = """
table inet t {
  chain c {
    type filter hook input priority 0;
    tcp dport 8000 meta length > 80 counter drop
  }
}
"""


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    with (
        network_namespace() as namespace,
        python_server(HTTP, "127.0.0.1", 8000, ready=8000, namespace=namespace),
    ):
        namespace.run(need("nft", package="nftables"), RULES)
        yield Situation("http://127.0.0.1:8000/", namespace)


FAULT = Fault(
    "K11-request",
    "the request itself is lost: only the handshake is let through",
    _make,
    cause="K11",
    root=True,
)
