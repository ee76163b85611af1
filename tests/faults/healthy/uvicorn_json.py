"""Uvicorn with JSON and no CORS."""

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
import sys, uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route
async def home(request):
    return JSONResponse({"a": 1})
app = Starlette(routes=[Route("/", home)])
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
"""


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    port = leased_port()
    with application(SOURCE, "app.py", place, sys.executable, "app.py", str(port), port=port):
        yield Situation(f"http://127.0.0.1:{port}/")


HEALTHY = Healthy("uvicorn with JSON and no CORS", _make)
