"""K18: traffic control drops all that goes through lo: each packet is larger than its bucket."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.servers import HTTP, python_server
from tests.support import need, network_namespace

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    tc = need("tc", package="iproute2")
    with (
        network_namespace() as namespace,
        python_server(HTTP, "127.0.0.1", 8000, ready=8000, namespace=namespace),
    ):
        rate = ("rate", "1kbit", "burst", "20", "limit", "20")
        namespace.run(tc, "qdisc", "add", "dev", "lo", "root", "tbf", *rate)
        yield Situation("http://127.0.0.1:8000/", namespace)


FAULT = Fault("K18", "traffic control on lo drops packets", _make, cause="K18", root=True)
