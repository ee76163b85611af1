"""Small servers of messages: an MQTT broker, NATS, a mail server, sshd."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.servers.shared import Running
from tests.support import leased_port, need, spawn

if TYPE_CHECKING:
    from collections.abc import Generator


@contextmanager
def mosquitto(*, anonymous: bool = True) -> Generator[Running]:
    """An MQTT broker; without `anonymous` it knows nobody."""
    program, port = need("mosquitto", package="mosquitto"), leased_port()
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "mosquitto.conf"
        allowed = str(anonymous).lower()
        file.write_text(f"listener {port} 127.0.0.1\nallow_anonymous {allowed}\nuser root\n")
        with spawn([program, "-c", str(file)], ready=port) as server:
            yield Running(server, port, Path(place))


@contextmanager
def nats(*options: str) -> Generator[Running]:
    """NATS, without logins unless the options say otherwise."""
    port = leased_port()
    argv = [str(Path(sys.executable).with_name("nats-server")), "-a", "127.0.0.1", "-p", str(port)]
    with spawn([*argv, *options], ready=port) as server:
        yield Running(server, port, Path("/"))


@contextmanager
def mail() -> Generator[Running]:
    """A mail server that throws everything away."""
    port = leased_port()
    argv = [sys.executable, "-m", "aiosmtpd", "-n", "-l", f"127.0.0.1:{port}"]
    with spawn(argv, ready=port) as server:
        yield Running(server, port, Path("/"))


@contextmanager
def sshd() -> Generator[Running]:
    """An SSH server with a key of its own, that nobody can log in to."""
    program, port = need("sshd", package="openssh-server"), leased_port()
    with tempfile.TemporaryDirectory() as place:
        key = f"{place}/key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
        os.makedirs("/run/sshd", exist_ok=True)
        argv = [program, "-D", "-e", "-f", "/dev/null", "-h", key, "-p", str(port)]
        argv += ["-o", "ListenAddress=127.0.0.1", "-o", f"PidFile={place}/pid"]
        with spawn(argv, ready=port) as server:
            yield Running(server, port, Path(place))
