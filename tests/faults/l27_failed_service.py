"""L27: the port is leased to a service that has failed."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.running import project

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

FAILS = """
[services.web]
run = "echo cannot read the settings; exit 3"
restart = "never"
"""


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    with project(place, FAILS) as shop:
        shop.homeport("up", "-d")
        port = shop.ps()["web"]["port"]
        yield Situation(f"http://127.0.0.1:{port}/", env=shop.env, cwd=shop.root)


FAULT = Fault("L27", "a leased port whose service has failed", _make, cause="L27", slow=True)
