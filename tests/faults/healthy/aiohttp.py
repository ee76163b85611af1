"""Aiohttp."""

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
import sys
from aiohttp import web
async def home(request):
    return web.Response(text="ok")
app = web.Application()
app.router.add_get("/", home)
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]))
"""


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    port = leased_port()
    argv = (sys.executable, "app.py", str(port))
    with application(SOURCE, "app.py", place, *argv, port=port):
        yield Situation(f"http://localhost:{port}/")


HEALTHY = Healthy("aiohttp", _make)
