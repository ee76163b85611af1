"""PostgreSQL, with users for every way to log in: each has its line in pg_hba.conf."""

from __future__ import annotations

import getpass
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.servers.certificate import certificate_files
from tests.servers.shared import ORDINARY, Running, place_of_nobody, prepare
from tests.support import leased_port, need, spawn

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.support import Namespace

HBA = f"""
local   all all trust
host    all "{getpass.getuser()}" all trust
host    all postgres all trust
host    all nobody_knows all trust
host    all crowd all trust
host    all reader all trust
host    all clear all password
host    all hashed all md5
host    all scram all scram-sha-256
hostssl all secure all trust
host    all "peer" all ident
host    all barred all reject
"""
USERS = f"""
CREATE DATABASE nowhere ALLOW_CONNECTIONS false;
CREATE DATABASE closed;
REVOKE CONNECT ON DATABASE closed FROM PUBLIC;
CREATE ROLE "{getpass.getuser()}" LOGIN;
CREATE DATABASE "{getpass.getuser()}";
CREATE ROLE crowd LOGIN CONNECTION LIMIT 0;
CREATE ROLE reader LOGIN;
ALTER ROLE reader SET default_transaction_read_only = on;
CREATE ROLE secure LOGIN;
CREATE ROLE peer LOGIN;
CREATE ROLE barred LOGIN;
CREATE ROLE stranger LOGIN;
CREATE ROLE clear LOGIN PASSWORD 'right';
CREATE ROLE scram LOGIN PASSWORD 'right';
SET password_encryption = md5;
CREATE ROLE hashed LOGIN PASSWORD 'right';
"""


@contextmanager
def postgresql(
    *options: str,
    port: int | None = None,
    namespace: Namespace | None = None,
    addresses: str = "127.0.0.1",
    tls: bool = False,
) -> Generator[Running]:
    """A server with a data directory of its own."""
    with place_of_nobody() as place:
        data = place / "data"
        argv = [need("initdb", package="postgresql"), "-D", str(data), "-A", "trust", "-N"]
        prepare([*argv, "-U", "postgres", "--locale=C"], place)
        (data / "pg_hba.conf").write_text(HBA)
        port = port or leased_port()
        argv = [need("postgres", package="postgresql"), "-D", str(data), "-p", str(port)]
        argv += ["-h", addresses, "-k", str(place), "-F", *options]
        if tls:
            files = certificate_files(place, ORDINARY)
            argv += ["-c", "ssl=on", "-c", f"ssl_cert_file={files.certificate}"]
            argv += ["-c", f"ssl_key_file={files.key}"]
        if namespace is not None:
            argv = namespace.command(*_as_ordinary(argv))
        user = ORDINARY if namespace is None else None
        with spawn(argv, ready="ready to accept connections", user=user, cwd=place) as server:
            running = Running(server, port, place)
            sql(running, USERS)
            yield running


def _as_ordinary(argv: list[str]) -> list[str]:
    if ORDINARY is None:
        return argv
    ids = [f"--reuid={ORDINARY.uid}", f"--regid={ORDINARY.gid}", "--clear-groups"]
    return ["setpriv", *ids, *argv]


def sql(running: Running, commands: str) -> str:
    """What psql prints, over the unix socket."""
    argv = [need("psql", package="postgresql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]
    argv += ["-h", str(running.place), "-p", str(running.port), "-U", "postgres", "postgres"]
    done = subprocess.run(argv, input=commands, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def plain() -> Generator[Running]:
    """One without TLS, to be shared."""
    with postgresql() as running:
        yield running


@contextmanager
def secured() -> Generator[Running]:
    """One that offers TLS, to be shared."""
    with postgresql(tls=True) as running:
        yield running
