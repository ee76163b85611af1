"""S19: SSL_CERT_FILE names a file that is not there."""

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
    authority = issue("Test Authority", authority=True)
    certificate, key = issue("localhost", ["localhost"], by=authority).write(place, "server")
    with tls_server(certificate, key) as port:
        yield Situation(
            f"https://localhost:{port}/", env={"SSL_CERT_FILE": str(place / "none.pem")}
        )


FAULT = Fault("S19", "SSL_CERT_FILE names a file that is not there", _make, cause="S19")
