"""S14: Caddy has no certificate for an address, of which the handshake has no name."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.web import caddy
from tests.support import leased_port

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    port = leased_port()
    site = f"https://app.localhost:{port} {{\n  tls internal\n  respond hello\n}}\n"
    with caddy(
        place,
        "{\n  skip_install_trust\n  auto_https disable_redirects\n  admin off\n}\n" + site,
        port=port,
    ):
        yield Situation(f"https://127.0.0.1:{port}/")


FAULT = Fault(
    "S14",
    "Caddy has no certificate for an address, of which the handshake has no name",
    _make,
    cause="S14",
)
