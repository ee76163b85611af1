"""memcached, with the options that a fault wants."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.servers.shared import ORDINARY, Running
from tests.support import leased_port, need, spawn

if TYPE_CHECKING:
    from collections.abc import Generator


@contextmanager
def memcached(*options: str, sasl: Path | None = None) -> Generator[Running]:
    """A server on TCP only; `sasl` is the configuration that libsasl reads."""
    env = dict(os.environ) if sasl is None else {**os.environ, "SASL_CONF_PATH": str(sasl)}
    port = leased_port()
    argv = [need("memcached", package="memcached"), "-l", "127.0.0.1", "-p", str(port), "-U", "0"]
    with spawn([*argv, *options], ready=port, user=ORDINARY, cwd="/", env=env) as server:
        yield Running(server, port, Path("/"))
