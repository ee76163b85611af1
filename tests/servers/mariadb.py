"""MariaDB, with an account for every way to log in."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.servers.certificate import certificate_files
from tests.servers.shared import ORDINARY, Running, place_of_nobody, prepare
from tests.support import leased_port, need, spawn

if TYPE_CHECKING:
    from collections.abc import Generator

ACCOUNTS = """
CREATE DATABASE shop;
CREATE USER me@'%' IDENTIFIED BY 'right';
GRANT ALL ON shop.* TO me@'%';
CREATE USER secure@'%' IDENTIFIED BY 'right' REQUIRE SSL;
CREATE USER one@'%' IDENTIFIED BY 'right' WITH MAX_USER_CONNECTIONS 1;
CREATE USER edward@'%' IDENTIFIED VIA ed25519 USING PASSWORD('right');
CREATE USER open@'%' IDENTIFIED BY '';
"""


@contextmanager
def mariadb(*options: str, tls: bool = False) -> Generator[Running]:
    """A server with a data directory of its own."""
    with place_of_nobody() as place:
        data = f"--datadir={place / 'data'}"
        argv = [need("mariadb-install-db", package="mariadb-server"), "--no-defaults", data]
        prepare(
            [*argv, "--auth-root-authentication-method=normal", "--skip-test-db"],
            place,
        )
        port = leased_port()
        argv = [need("mariadbd", package="mariadb-server"), "--no-defaults", data]
        argv += [f"--port={port}", "--bind-address=127.0.0.1", f"--socket={place / 'socket'}"]
        argv += ["--plugin-load-add=auth_ed25519", *options]
        if tls:
            files = certificate_files(place, ORDINARY)
            argv += [f"--ssl-cert={files.certificate}", f"--ssl-key={files.key}"]
        with spawn(argv, ready="ready for connections", user=ORDINARY, cwd=place) as server:
            running = Running(server, port, place)
            sql(running, ACCOUNTS)
            yield running


def sql(running: Running, commands: str) -> str:
    """What the client prints, over the unix socket."""
    argv = [need("mariadb", package="mariadb-client"), "--no-defaults", "-u", "root", "-N"]
    argv += ["-S", str(running.place / "socket")]
    done = subprocess.run(argv, input=commands, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def plain() -> Generator[Running]:
    """One without TLS, to be shared."""
    with mariadb() as running:
        yield running


@contextmanager
def secured() -> Generator[Running]:
    """One that offers TLS, to be shared."""
    with mariadb(tls=True) as running:
        yield running
