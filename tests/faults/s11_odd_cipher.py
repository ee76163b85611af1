"""S11: a server with no cipher that clients of today take."""

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
    server = issue("localhost", ["localhost"], by=authority)
    certificate, key = server.write(place, "server")
    with tls_server(
        certificate, key, maximum_version="TLSv1_2", ciphers="ECDHE-ECDSA-NULL-SHA:@SECLEVEL=0"
    ) as port:
        yield Situation(f"https://localhost:{port}/", env={"SSL_CERT_FILE": str(trusted)})


FAULT = Fault("S11", "a server with no cipher that clients of today take", _make, cause="S11")
