"""S10: a client certificate is required by nginx, which answers 400."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.certificates import issue
from tests.faults.fault import Fault, Situation
from tests.faults.web import nginx
from tests.support import leased_port

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    authority = issue("Test Authority", authority=True)
    trusted, _ = authority.write(place / "client", "authority")
    certificate, key = issue("localhost", ["localhost"], by=authority).write(place, "server")
    port = leased_port()
    servers = (
        f"server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {certificate}; "
        f"ssl_certificate_key {key}; ssl_client_certificate {trusted}; ssl_verify_client on; "
        "return 200 ok; }"
    )
    with nginx(place, servers, port=port):
        yield Situation(f"https://localhost:{port}/", env={"SSL_CERT_FILE": str(trusted)})


FAULT = Fault(
    "S10", "a client certificate is required by nginx, which answers 400", _make, cause="S10"
)
