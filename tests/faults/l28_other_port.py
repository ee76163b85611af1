"""L28: the service does not heed its port, and listens on another one."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.running import project
from tests.support import leased_port

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    declaration = f"[services.web]\nrun = 'PORT={leased_port()} exec python3 server.py'\n"
    with project(place, declaration) as shop, shop.foreground(ready="up on"):
        port = shop.ps()["web"]["port"]
        yield Situation(f"http://127.0.0.1:{port}/", env=shop.env, cwd=shop.root)


FAULT = Fault("L28", "a service that listens on another port", _make, cause="L28", slow=True)
