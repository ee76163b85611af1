"""S5: an authority that was made anew under its old name."""

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
    old, new = (issue("Development Authority", authority=True) for _ in range(2))
    trusted, _ = old.write(place / "client", "authority")
    certificate, key = issue("localhost", ["localhost"], by=new).write(place, "server")
    with tls_server(certificate, key) as port:
        yield Situation(f"https://localhost:{port}/", env={"SSL_CERT_FILE": str(trusted)})


FAULT = Fault("S5", "an authority that was made anew under its old name", _make, cause="S5")
