"""S2: http spoken to a TLS port, which closes."""

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
        yield Situation(f"http://127.0.0.1:{port}/")


FAULT = Fault("S2", "http spoken to a TLS port, which closes", _make, cause="S2")
