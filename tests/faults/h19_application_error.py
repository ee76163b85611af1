"""H19: Flask fails with an exception."""

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
import sys
from flask import Flask
app = Flask(__name__)
@app.get("/")
def home():
    return 1 / 0
app.run("127.0.0.1", int(sys.argv[1]))
"""


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    port = leased_port()
    with application(SOURCE, "app.py", place, sys.executable, "app.py", str(port), port=port):
        yield Situation(f"http://127.0.0.1:{port}/")


FAULT = Fault("H19", "Flask fails with an exception", _make, cause="H19")
