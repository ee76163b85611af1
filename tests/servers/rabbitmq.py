"""RabbitMQ with everything of its own, also the daemon that knows Erlang's node names."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.servers.shared import Running
from tests.support import leased_port, need, spawn

if TYPE_CHECKING:
    from collections.abc import Generator

SERVER = "/usr/lib/rabbitmq/bin/rabbitmq-server"
"""The command in the PATH would change to the user rabbitmq."""


@contextmanager
def rabbitmq() -> Generator[Running]:
    """A broker with its guest, and the virtual host `/`; to be shared."""
    need("rabbitmq-server", package="rabbitmq-server")
    epmd, port, epmd_port = need("epmd", package="erlang-base"), leased_port(), leased_port()
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory)
        env = _environment(place, port, epmd_port)
        with (
            spawn([epmd, "-port", str(epmd_port), "-address", "127.0.0.1"], ready=epmd_port),
            spawn([SERVER], env=env) as broker,
        ):
            # Alone on the machine its start takes 7 s, of a processor and not of waiting.
            broker.wait_for("Server startup complete", seconds=60)
            yield Running(broker, port, place)


def _environment(place: Path, port: int, epmd_port: int) -> dict[str, str]:
    (place / "plugins").write_text("[].")
    (place / "none").touch()
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(place),
        "ERL_EPMD_PORT": str(epmd_port),
        "RABBITMQ_CONF_ENV_FILE": str(place / "none"),
        "RABBITMQ_CONFIG_FILE": str(place / "none"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(place / "plugins"),
        "RABBITMQ_MNESIA_BASE": str(place / "mnesia"),
        "RABBITMQ_LOG_BASE": str(place),
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_NODENAME": f"homeport{port}@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(leased_port()),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
    }
