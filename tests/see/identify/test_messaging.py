"""Brokers and mail servers: what is found out, and that they were left as they were."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.see.identify.asking import identity_at
from tests.support import leased_port, need, spawn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support import Spawned

SURE = "sure"


def mosquitto_configuration(place: Path, port: int, *, anonymous: bool) -> Path:
    file = place / "mosquitto.conf"
    allowed = str(anonymous).lower()
    file.write_text(f"listener {port} 127.0.0.1\nallow_anonymous {allowed}\nuser root\n")
    return file


@pytest.mark.parametrize("anonymous", [True, False])
def test_mosquitto_refuses_before_it_has_a_client(tmp_path: Path, *, anonymous: bool) -> None:
    mosquitto, port = need("mosquitto", package="mosquitto"), leased_port()
    configuration = mosquitto_configuration(tmp_path, port, anonymous=anonymous)
    with spawn([mosquitto, "-v", "-c", str(configuration)], ready=port) as server:
        found = identity_at(port)
        server.wait_for("disconnected due to protocol error")
        assert "New client connected" not in server.output
    assert found is not None
    assert (found.protocol, found.product, found.certainty) == ("mqtt", "Mosquitto", SURE)
    assert found.evidence[0] == (
        "to an MQTT CONNECT of no known version it said CONNACK (unacceptable protocol version)"
    )


def test_nats_greets_and_makes_no_client_of_us() -> None:
    port = leased_port()
    nats = str(Path(sys.executable).with_name("nats-server"))
    with spawn([nats, "-a", "127.0.0.1", "-p", str(port), "-DV"], ready=port) as server:
        version = server.wait_for(r"Version:\s+(\S+)")[1]
        found = identity_at(port)
        server.wait_for("Client connection closed: Client Closed")
        assert "[CONNECT " not in server.output
    assert found is not None
    assert (found.protocol, found.product, found.version) == ("nats", "NATS", version)
    assert found.evidence[0] == f"it greeted with INFO, version {version}"


def test_a_mail_server_hears_a_goodbye_and_no_message() -> None:
    port = leased_port()
    argv = [sys.executable, "-m", "aiosmtpd", "-n", "-dd", "-l", f"127.0.0.1:{port}"]
    with spawn(argv, ready=port) as server:
        found = identity_at(port)
        server.wait_for("QUIT")
        assert "MAIL" not in server.output
    assert found is not None
    assert (found.protocol, found.product) == ("smtp", "aiosmtpd")
    assert found.version


def test_an_ftp_server_hears_a_goodbye_and_no_login(tmp_path: Path) -> None:
    port = leased_port()
    argv = [sys.executable, "-W", "ignore", "-m", "pyftpdlib", "-D", "-i", "127.0.0.1"]
    with spawn([*argv, "-p", str(port), "-d", str(tmp_path)], ready=port) as server:
        found = identity_at(port)
        server.wait_for("FTP session closed")
        assert "QUIT" in server.output
        assert "USER" not in server.output
    assert found is not None
    assert (found.protocol, found.product) == ("ftp", "pyftpdlib")
    assert found.version


@pytest.fixture(scope="module")
def rabbitmq(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Spawned]]:
    """A broker with everything of its own, also the daemon that knows Erlang's node names."""
    need("rabbitmq-server", package="rabbitmq-server")
    epmd = need("epmd", package="erlang-base")
    place = tmp_path_factory.mktemp("rabbitmq")
    port, epmd_port = leased_port(), leased_port()
    (place / "plugins").write_text("[].")
    (place / "none").touch()
    env = {
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
    # The command in the PATH would change to the user rabbitmq.
    server = "/usr/lib/rabbitmq/bin/rabbitmq-server"
    with (
        spawn([epmd, "-port", str(epmd_port), "-address", "127.0.0.1"], ready=epmd_port),
        spawn([server], ready="Server startup complete", env=env) as broker,
    ):
        yield port, broker


@pytest.mark.slow
def test_rabbitmq_says_who_it_is_before_anybody_logs_in(rabbitmq: tuple[int, Spawned]) -> None:
    port, broker = rabbitmq
    found = identity_at(port)
    broker.wait_for("accepting AMQP connection")
    assert "authenticated and granted access" not in broker.output
    assert found is not None
    assert (found.protocol, found.product) == ("amqp", "RabbitMQ")
    assert found.version
    assert found.certainty == SURE
