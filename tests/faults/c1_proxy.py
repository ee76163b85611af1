"""C1: the client asks a proxy, which forbids it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.servers import HTTP, python_server
from tests.faults.web import answering
from tests.support import leased_port

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    port = leased_port()
    refusal = {"*": {"status": 403, "headers": {"Via": "1.1 corp"}}}
    with python_server(HTTP, "127.0.0.1", port, ready=port), answering(refusal) as proxy:
        env = {"http_proxy": f"http://127.0.0.1:{proxy}", "no_proxy": "", "NO_PROXY": ""}
        yield Situation(f"http://127.0.0.1:{port}/", env=env)


FAULT = Fault("C1", "the client asks a proxy, which forbids it", _make, cause="C1")
