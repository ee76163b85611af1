"""HTTPS with an intermediate certificate that is sent."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.certificates import issue
from tests.faults.fault import Healthy, Situation
from tests.faults.web import tls_server

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    authority = issue("Test Authority", authority=True)
    trusted, _ = authority.write(place / "client", "authority")
    link = issue("Test Intermediate", by=authority, authority=True)
    server = issue("localhost", ["localhost", "127.0.0.1"], by=link)
    certificate, key = server.write(place, "server", link)
    with tls_server(certificate, key) as port:
        yield Situation(f"https://127.0.0.1:{port}/", env={"SSL_CERT_FILE": str(trusted)})


HEALTHY = Healthy("HTTPS with an intermediate certificate that is sent", _make)
