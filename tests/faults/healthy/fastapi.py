"""FastAPI with uvicorn."""

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
from fastapi import FastAPI
app = FastAPI()
@app.get("/")
def home():
    return {"hello": "world"}
"""


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    port = leased_port()
    argv = (sys.executable, "-m", "uvicorn", "app:app", "--port", str(port))
    with application(SOURCE, "app.py", place, *argv, port=port):
        yield Situation(f"http://localhost:{port}/")


HEALTHY = Healthy("FastAPI with uvicorn", _make)
