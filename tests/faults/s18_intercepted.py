"""S18: the certificate is one that mitmproxy has made.

Emulated: the certificate bears the issuer's name that mitmproxy's do, and is served by nginx' or
Python's TLS; mitmproxy itself would bring some thirty packages along.
"""

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
    trusted, _ = issue("Test Authority", authority=True).write(place / "client", "authority")
    made = issue("mitmproxy", authority=True)
    server = issue("localhost", ["localhost"], by=made)
    certificate, key = server.write(place, "server")
    with tls_server(certificate, key) as port:
        yield Situation(f"https://localhost:{port}/", env={"SSL_CERT_FILE": str(trusted)})


FAULT = Fault("S18", "a certificate that mitmproxy has made", _make, cause="S18")
