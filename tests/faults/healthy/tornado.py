"""Tornado."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Healthy, Situation
from tests.faults.web import application
from tests.support import leased_port

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

SOURCE = """
import asyncio, sys, tornado.web
class Home(tornado.web.RequestHandler):
    def get(self):
        self.write("ok")
async def main():
    tornado.web.Application([("/", Home)]).listen(int(sys.argv[1]), "127.0.0.1")
    await asyncio.Event().wait()
asyncio.run(main())
"""


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    port = leased_port()
    argv = (sys.executable, "app.py", str(port))
    with application(SOURCE, "app.py", place, *argv, port=port):
        yield Situation(f"http://localhost:{port}/")


HEALTHY = Healthy("Tornado", _make)
