"""S5: an authority that the client does not know, sent along by the server."""

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
    trusted, _ = authority.write(place / "client", "authority")
    made = issue("Authority of elsewhere", authority=True)
    server = issue("localhost", ["localhost"], by=made)
    certificate, key = server.write(place, "server", made)
    with tls_server(certificate, key) as port:
        yield Situation(f"https://localhost:{port}/", env={"SSL_CERT_FILE": str(trusted)})


FAULT = Fault(
    "S5", "an authority that the client does not know, sent along by the server", _make, cause="S5"
)
