"""Nginx whose workers have a socket each."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Healthy, Situation
from tests.support import leased_port, need, spawn

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

CONFIGURATION = """
daemon off;
worker_processes 3;
pid {place}/nginx.pid;
error_log {place}/error.log;
events {{ }}
http {{
  access_log off;
  client_body_temp_path {place}/body;
  server {{ listen 127.0.0.1:{port} reuseport; location / {{ return 200 ok; }} }}
}}
"""


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    port = leased_port()
    configuration = place / "nginx.conf"
    configuration.write_text(CONFIGURATION.format(place=place, port=port))
    argv = [need("nginx", package="nginx-light"), "-p", str(place), "-c", str(configuration)]
    with spawn(argv, ready=port):
        yield Situation(f"http://127.0.0.1:{port}/")


HEALTHY = Healthy("nginx whose workers have a socket each", _make)
