"""S5: an authority that the client does not know, as its root lies with mkcert."""

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
    made = issue("mkcert development CA", authority=True)
    root, _ = made.write(place / "caroot", "rootCA")
    server = issue("localhost", ["localhost"], by=made)
    certificate, key = server.write(place, "server")
    with tls_server(certificate, key) as port:
        yield Situation(
            f"https://localhost:{port}/",
            env={"SSL_CERT_FILE": str(trusted), "CAROOT": str(root.parent)},
        )


FAULT = Fault(
    "S5",
    "an authority that the client does not know, as its root lies with mkcert",
    _make,
    cause="S5",
)
