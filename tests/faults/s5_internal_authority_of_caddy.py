"""S5: Caddy's internal authority, which the client does not know."""

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
    site = f"https://localhost:{port} {{\n  tls internal\n  respond hello\n}}\n"
    with caddy(
        place,
        "{\n  skip_install_trust\n  auto_https disable_redirects\n  admin off\n}\n" + site,
        port=port,
    ):
        yield Situation(f"https://localhost:{port}/")


FAULT = Fault("S5", "Caddy's internal authority, which the client does not know", _make, cause="S5")
