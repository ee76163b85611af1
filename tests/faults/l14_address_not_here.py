"""L14: the configured address is none of this machine."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.support import leased_port

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    # Of TEST-NET-1 (RFC 5737): nobody has it.
    yield Situation(f"192.0.2.1:{leased_port()}", options=("--bind",))


FAULT = Fault("L14", "bind address not on this host", _make, cause="L14")
