"""Caddy with a certificate of its own authority, by HTTPS and with HTTP/2."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.faults.certificates import issue
from tests.faults.fault import Healthy, Situation
from tests.support import leased_port, spawn

if TYPE_CHECKING:
    from collections.abc import Generator


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    authority = issue("Test Authority", authority=True)
    trusted, _ = authority.write(place / "client", "authority")
    certificate, key = issue("localhost", ["localhost"], by=authority).write(place, "server")
    port = leased_port()
    place.joinpath("Caddyfile").write_text(
        "{\n  admin off\n  auto_https disable_redirects\n}\n"
        f"https://localhost:{port} {{\n  tls {certificate} {key}\n  respond hello\n}}\n",
        encoding="ascii",
    )
    caddy = str(Path(sys.executable).with_name("caddy"))
    argv = [caddy, "run", "--adapter", "caddyfile", "--config", "Caddyfile"]
    home = {"HOME": str(place), "XDG_DATA_HOME": str(place), "XDG_CONFIG_HOME": str(place)}
    with spawn(argv, ready=port, cwd=place, env={**os.environ, **home}):
        yield Situation(f"https://localhost:{port}/", env={"SSL_CERT_FILE": str(trusted)})


HEALTHY = Healthy("Caddy over TLS", _make)
