"""S2: http spoken to a TLS port of Caddy, which answers 400."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.certificates import issue
from tests.faults.fault import Fault, Situation
from tests.faults.web import caddy
from tests.support import leased_port

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    certificate, key = issue("localhost", ["localhost"]).write(place, "server")
    port = leased_port()
    site = f"https://localhost:{port} {{\n  tls {certificate} {key}\n  respond hello\n}}\n"
    with caddy(place, site, port=port):
        yield Situation(f"http://localhost:{port}/")


FAULT = Fault("S2", "http spoken to a TLS port of Caddy, which answers 400", _make, cause="S2")
