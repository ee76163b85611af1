"""S20: a client that does not trust Homeport's own authority."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
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
        url = f"https://web.shop.localhost:{shop.gateway_port}/"
        yield Situation(url, env=shop.env, cwd=shop.root)


FAULT = Fault(
    "S20",
    "Homeport's own authority, which the client does not trust",
    _make,
    cause="S20",
    slow=True,
)
