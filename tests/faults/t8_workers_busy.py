"""T8: the one worker of gunicorn is busy with a slow request."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.stubborn import clients
from tests.support import leased_port, spawn

if TYPE_CHECKING:
    from collections.abc import Generator

APPLICATION = """
import time
def application(environ, start_response):
    if environ["PATH_INFO"] == "/slow":
        time.sleep(20)
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
"""


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    port = leased_port()
    (place / "slow.py").write_text(APPLICATION)
    argv = [str(Path(sys.executable).with_name("gunicorn")), "-w1", f"-b127.0.0.1:{port}"]
    with (
        spawn([*argv, "slow:application"], ready="Booting worker", cwd=place),
        clients("127.0.0.1", port, 1, "/slow"),
    ):
        yield Situation(f"http://127.0.0.1:{port}/")


FAULT = Fault(
    "T8", "the one worker of gunicorn is busy with a slow request", _make, cause="T8", root=False
)
