"""D10: PostgreSQL is full, and only its port is known: it is recognised all the same."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.d10_postgresql_is_full import FAULT as BY_URL
from tests.faults.fault import Fault, Situation

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(place: Path) -> Generator[Situation]:
    with BY_URL.make(place) as situation:
        yield Situation(situation.target.rpartition("@")[2].partition("/")[0])


FAULT = Fault("D10b", "postgres: too many clients, by port only", _make, cause="D10", slow=True)
