"""D8: the virtual host does not exist."""

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
    yield Situation(f"amqp://guest:guest@127.0.0.1:{port}/shop")


FAULT = Fault("D8a", "rabbitmq: vhost not found", _make, cause="D8", slow=True)
