"""H20: a path that the application does not have."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
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
    return PlainTextResponse("hi")
app = Starlette(routes=[Route("/", home)])
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
"""


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    port = leased_port()
    with application(SOURCE, "app.py", place, sys.executable, "app.py", str(port), port=port):
        yield Situation(f"http://127.0.0.1:{port}/api/nothing")


FAULT = Fault("H20", "a path that the application does not have", _make, cause="H20")
