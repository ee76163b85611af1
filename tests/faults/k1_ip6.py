"""K1-ip6: a table of ip6 drops, and the name stands for ::1 alone."""

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
table ip t { chain c { type filter hook input priority 0; tcp dport 8000 reject; }; }
table ip6 t { chain c { type filter hook input priority 0; tcp dport vmap { 8000: drop }; }; }
"""


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    with (
        network_namespace() as namespace,
        python_server(HTTP, "::1", 8000, ready=8000, namespace=namespace),
    ):
        namespace.run(need("nft", package="nftables"), RULES)
        yield Situation("http://[::1]:8000/", namespace)


FAULT = Fault(
    "K1-ip6",
    "a table of ip6 drops, and the name stands for ::1 alone",
    _make,
    cause="K1",
    root=True,
)
