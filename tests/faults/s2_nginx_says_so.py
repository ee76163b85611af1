"""S2: http spoken to a TLS port of nginx, which answers 400."""

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
    certificate, key = issue("localhost", ["localhost"]).write(place, "server")
    port = leased_port()
    server = f"server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {certificate}; "
    with nginx(place, f"{server} ssl_certificate_key {key}; return 200 ok; }}", port=port):
        yield Situation(f"http://localhost:{port}/")


FAULT = Fault("S2", "http spoken to a TLS port of nginx, which answers 400", _make, cause="S2")
