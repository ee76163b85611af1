"""K18: a tcx program on lo drops packets."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.interface_programs import TCX, dropping

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    with dropping(TCX) as situation:
        yield situation


FAULT = Fault("K18t", "a tcx program on lo drops packets", _make, cause="K18", root=True)
