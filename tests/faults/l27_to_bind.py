"""L27: a port on which somebody else wants to listen is leased."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.running import project

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

SHOP = """
[services.web]
run = "exec python3 server.py"
lazy = true

[services.worker]
run = "exec sleep 600"
port = false
"""


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    with project(place, SHOP) as shop:
        shop.up()
        port = shop.ps()["web"]["port"]
        yield Situation(f"127.0.0.1:{port}", options=("--bind",), env=shop.env, cwd=shop.root)


FAULT = Fault(
    "L27b", "a leased port, to be bound by another program", _make, cause="L27", slow=True
)
