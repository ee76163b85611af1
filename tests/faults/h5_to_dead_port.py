"""H5: a redirect to https on another port, where nobody listens."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.web import answering
from tests.support import leased_port

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    other = leased_port()
    away = {"status": 301, "headers": {"Location": f"https://127.0.0.1:{other}/"}}
    with answering({"*": away}) as port:
        yield Situation(f"http://127.0.0.1:{port}/")


FAULT = Fault("H5", "a redirect to https on another port, where nobody listens", _make, cause="H5")
