"""Node."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Healthy, Situation
from tests.faults.web import application, node
from tests.support import leased_port

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

SOURCE = """
require("http").createServer((_, out) => out.end("ok")).listen(+process.argv[2], "127.0.0.1");
"""


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    port = leased_port()
    argv = (node(), "app.js", str(port))
    with application(SOURCE, "app.js", place, *argv, port=port):
        yield Situation(f"http://localhost:{port}/")


HEALTHY = Healthy("node", _make)
