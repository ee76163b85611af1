"""T4: the handler of another request computes."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.faults.servers import python_server
from tests.faults.stubborn import ONE_AT_A_TIME, clients
from tests.support import leased_port

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    port = leased_port()
    with (
        python_server(ONE_AT_A_TIME, "127.0.0.1", port, ready=port),
        clients("127.0.0.1", port, 1, "/compute"),
    ):
        yield Situation(f"http://127.0.0.1:{port}/")


FAULT = Fault("T4", "the handler of another request computes", _make, cause="T4", root=False)
