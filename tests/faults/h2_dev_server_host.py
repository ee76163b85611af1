"""H2: Vite does not take the host. Emulated, with its answer: no package of PyPI has Vite."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.web import answering

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    text = (
        'Blocked request. This host ("127.0.0.1") is not allowed.\n'
        'To allow this host, add "127.0.0.1" to `server.allowedHosts` in vite.config.js.'
    )
    refusal = {"status": 403, "body": text, "hosts": ["localhost"]}
    with answering({"*": refusal | {"headers": {"Content-Type": "text/plain"}}}) as port:
        yield Situation(f"http://127.0.0.1:{port}/")


FAULT = Fault("H2", "Vite does not take the host", _make, cause="H2")
