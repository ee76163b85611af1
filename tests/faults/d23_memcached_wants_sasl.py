"""D23: memcached wants SASL."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.servers.memcached import memcached
from tests.servers.shared import place_of_nobody

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    with place_of_nobody() as place:
        file = place / "memcached.conf"
        file.write_text("mech_list: plain\n")
        file.chmod(0o644)
        with memcached("-S", sasl=file) as running:
            yield Situation(f"memcached://127.0.0.1:{running.port}")


FAULT = Fault("D23", "memcached SASL", _make, cause="D23")
