"""G4: the gateway does not run."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

from homeport.model.home import HOME_PORTS
from tests.faults.fault import Fault, Situation

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    port = next(port for port in range(HOME_PORTS.last, HOME_PORTS.first, -1) if _is_free(port))
    yield Situation(f"http://web.shop.localhost:{port}/", env={"XDG_RUNTIME_DIR": str(place)})


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


FAULT = Fault("G4", "the gateway does not run", _make, cause="G4")
