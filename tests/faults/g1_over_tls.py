"""G1: a name at the gateway that no service has, over TLS."""

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
        url = f"https://wbe.shop.localhost:{shop.gateway_port}/"
        yield Situation(url, env=shop.env, cwd=shop.root)


FAULT = Fault("G1t", "a name that nobody has registered, over TLS", _make, cause="G1", slow=True)
