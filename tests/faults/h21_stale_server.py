"""H21: the directory of the server has been deleted."""

from __future__ import annotations

import shutil
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.support import leased_port, spawn

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    port = leased_port()
    home = place / "worktree"
    home.mkdir()
    (home / "index.html").write_text("here")
    argv = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port)]
    with spawn(argv, ready=port, cwd=home):
        shutil.rmtree(home)
        yield Situation(f"http://127.0.0.1:{port}/")


FAULT = Fault("H21", "the directory of the server has been deleted", _make, cause="H21", root=False)
