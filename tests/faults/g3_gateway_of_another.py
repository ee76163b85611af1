"""G3: the gateway at the port is another user's."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.running import project
from tests.support import NOBODY, spawn

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

WEB = """
[services.web]
run = "exec python3 server.py"
"""


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    with project(place, WEB) as shop, spawn(["sleep", "600"], user=NOBODY) as client:
        shop.up()
        url = f"http://web.shop.localhost:{shop.gateway_port}/"
        options = ("--as", str(client.pid))
        yield Situation(url, options=options, env=shop.env, cwd=shop.root)


FAULT = Fault("G3", "a gateway of another user", _make, cause="G3", root=True, slow=True)
