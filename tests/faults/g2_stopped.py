"""G2: the service behind a name at the gateway is stopped."""

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

[services.worker]
run = "exec sleep 600"
port = false
"""


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    with project(place, WEB) as shop:
        shop.up()
        shop.homeport("stop", "web")
        url = f"http://web.shop.localhost:{shop.gateway_port}/"
        yield Situation(url, env=shop.env, cwd=shop.root)


FAULT = Fault("G2", "a name whose service is stopped", _make, cause="G2", slow=True)
