"""L27: a service that is stopped, asked for by its name."""

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

[services.worker]
run = "exec sleep 600"
port = false
"""


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    with project(place, SHOP) as shop:
        shop.up()
        shop.homeport("stop", "web")
        yield Situation("shop:web", env=shop.env)


FAULT = Fault("L27n", "a stopped service, by its name", _make, cause="L27", slow=True)
