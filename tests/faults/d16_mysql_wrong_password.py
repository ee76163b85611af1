"""D16: the password is wrong."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.servers.mariadb import plain
from tests.servers.shared import shared

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    port = shared(plain).port
    yield Situation(f"mysql://me:mistaken@127.0.0.1:{port}/shop")


FAULT = Fault("D16", "mysql: access denied (1045)", _make, cause="D16", slow=True)
