"""RabbitMQ with its guest, whom the URL does not name."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.faults.fault import Healthy, Situation
from tests.servers.rabbitmq import rabbitmq
from tests.servers.shared import shared

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def _make(_: Path) -> Generator[Situation]:
    port = shared(rabbitmq).port
    yield Situation(f"amqp://127.0.0.1:{port}")


HEALTHY = Healthy("RabbitMQ", _make, slow=True)
