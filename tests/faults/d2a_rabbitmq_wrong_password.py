"""D2: the password is wrong."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Situation
from tests.servers.rabbitmq import rabbitmq
from tests.servers.shared import shared

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    port = shared(rabbitmq).port
    yield Situation(f"amqp://guest:mistaken@127.0.0.1:{port}/")


FAULT = Fault("D2a", "rabbitmq: ACCESS_REFUSED", _make, cause="D2", slow=True)
