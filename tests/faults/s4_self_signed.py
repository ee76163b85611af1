"""S4: a self-signed certificate."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.certificates import issue
from tests.faults.fault import Fault, Situation
from tests.faults.web import tls_server

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    certificate, key = issue("localhost", ["localhost"]).write(place, "server")
    with tls_server(certificate, key) as port:
        yield Situation(f"https://localhost:{port}/")


FAULT = Fault("S4", "a self-signed certificate", _make, cause="S4")
