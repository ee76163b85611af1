"""N8: IPv6 is switched off, and the URL says [::1]."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.servers import HTTP, python_server
from tests.support import network_namespace

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    with (
        network_namespace() as namespace,
        python_server(HTTP, "127.0.0.1", 8000, ready=8000, namespace=namespace),
    ):
        namespace.run("sysctl", "-qw", "net.ipv6.conf.lo.disable_ipv6=1")
        yield Situation("http://[::1]:8000/", namespace)


FAULT = Fault("N8", "IPv6 disabled, URL says [::1]", _make, cause="N8", root=True)
