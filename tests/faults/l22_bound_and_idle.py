"""L22: a socket is bound to the port that a server wants, and does not listen."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.l9_bound_not_listening import BOUND
from tests.faults.servers import python_server
from tests.support import leased_port

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    port = leased_port()
    with python_server(BOUND, port, ready="^bound"):
        yield Situation(f"127.0.0.1:{port}", options=("--bind",))


FAULT = Fault("L22", "a bound socket that does not listen is in the way", _make, cause="L22")
