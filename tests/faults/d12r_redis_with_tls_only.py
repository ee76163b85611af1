"""D12: the port of Redis takes TLS only, and the client speaks without."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.servers.certificate import certificate_files
from tests.support import leased_port, need, spawn

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    files, port = certificate_files(place), leased_port()
    argv = [need("redis-server", package="redis-server"), "--port", "0", "--tls-port", str(port)]
    argv += ["--tls-cert-file", str(files.certificate), "--tls-key-file", str(files.key)]
    argv += ["--tls-auth-clients", "no", "--bind", "127.0.0.1", "--save", "", "--dir", str(place)]
    with spawn(argv, ready="Ready to accept connections"):
        yield Situation(f"redis://127.0.0.1:{port}")


FAULT = Fault("D12r", "redis on a TLS port, client without", _make, cause="D12")
