"""A service by its name at Homeport's gateway, which browsers know."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Healthy, Situation
from tests.running import project

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

WEB = """
[services.web]
run = "exec python3 server.py"
"""


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    with project(place, WEB) as shop:
        shop.up()
        url = f"http://web.shop.localhost:{shop.gateway_port}/"
        yield Situation(url, env=shop.env, cwd=shop.root)


HEALTHY = Healthy("a name at Homeport's gateway", _make, slow=True)
