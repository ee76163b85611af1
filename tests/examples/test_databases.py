"""Databases that `homeport up` runs, reached by the clients that people have."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pymongo
import pymysql
import pytest
from pymongo.errors import OperationFailure

from tests.running import project
from tests.servers.mongodb import mongod
from tests.support import need

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.running import RunningProject

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("databases")]

DATABASES = """
[services.db]
recipe = "postgresql"

[services.cache]
recipe = "redis"

[services.sales]
recipe = "mariadb"

[services.files]
recipe = "mongodb"
"""
PROGRAMS = {
    "postgres": "postgresql",
    "redis-server": "redis-server",
    "mariadbd": "mariadb-server",
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Generator[RunningProject]:
    for program, package in PROGRAMS.items():
        need(program, package=package)
    mongod()
    with project(tmp_path_factory.mktemp("databases"), DATABASES) as made:
        made.env["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        made.up(timeout=100)
        yield made


def variables(shop: RunningProject) -> dict[str, str]:
    found: dict[str, str] = json.loads(shop.homeport("env", "--json").stdout)["variables"]
    return found


def root_of(shop: RunningProject) -> str:
    """The certificate of the authority, which the gateway makes for the first who speaks TLS."""
    path = f"{shop.env['XDG_STATE_HOME']}/homeport/ca/root.pem"
    if not os.path.exists(path):
        argv = ["curl", "-ks", f"https://localhost:{shop.gateway_port}/"]
        subprocess.run(argv, check=True, capture_output=True, timeout=60)
    return path


def sales(told: dict[str, str], **other: Any) -> pymysql.Connection[Any]:
    login = {
        "host": told["MYSQL_HOST"],
        "port": int(told["MYSQL_PORT"]),
        "user": told["MYSQL_USER"],
        "password": told["MYSQL_PASSWORD"],
        "database": told["MYSQL_DATABASE"],
    }
    return pymysql.connect(**{**login, **other})


def mongo(url: str, **more: Any) -> pymongo.MongoClient[dict[str, Any]]:
    return pymongo.MongoClient(url, **more)


def test_a_second_up_leaves_them_as_they_are(shop: RunningProject) -> None:
    before = {name: each["pid"] for name, each in shop.ps().items()}
    shop.up()
    assert {name: each["pid"] for name, each in shop.ps().items()} == before


def test_mariadb_from_python_and_its_own_client(shop: RunningProject) -> None:
    told = variables(shop)
    with sales(told) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE sold (what varchar(20))")
        cursor.execute("INSERT INTO sold VALUES ('Kaffeekännchen')")
        connection.commit()
    with pytest.raises(pymysql.err.OperationalError, match="Access denied"):
        sales(told, password="wrong")
    client = need("mariadb", package="mariadb-client")
    argv = [client, "-h127.0.0.1", f"-P{told['MYSQL_PORT']}", f"-u{told['MYSQL_USER']}", "-N"]
    argv += ["-e", "SELECT what FROM sold", told["MYSQL_DATABASE"]]
    env = {**os.environ, "MYSQL_PWD": told["MYSQL_PASSWORD"]}
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "Kaffeekännchen\n"


def test_mongodb_from_python(shop: RunningProject) -> None:
    told = variables(shop)
    with mongo(told["MONGODB_URI"]) as client:
        client.get_default_database()["files"].insert_one({"name": "a"})
        assert client.get_default_database()["files"].count_documents({}) == 1
    password = urlsplit(told["MONGODB_URI"]).password
    assert password
    wrong = told["MONGODB_URI"].replace(password, "wrong")
    with mongo(wrong) as client, pytest.raises(OperationFailure):
        client.get_default_database()["files"].count_documents({})


def test_mongodb_by_its_name_through_the_gateway(
    shop: RunningProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As on a machine whose resolver knows names under localhost; that of glibc alone does not.
    resolve = socket.getaddrinfo
    monkeypatch.setattr(
        "socket.getaddrinfo", lambda _, *more, **rest: resolve("127.0.0.1", *more, **rest)
    )
    told = variables(shop)
    own = f"127.0.0.1:{shop.ps()['files']['port']}"
    url = told["MONGODB_URI"].replace(own, f"files.shop.localhost:{shop.gateway_port}")
    with mongo(url, tls=True, tlsCAFile=root_of(shop)) as client:
        assert client.admin.command("ping")["ok"] == 1
        assert client.get_default_database()["more"].insert_one({}).acknowledged


def test_redis_by_its_name_through_the_gateway(shop: RunningProject) -> None:
    client = need("redis-cli", package="redis-server")
    argv = [client, "--tls", "--sni", "cache.shop.localhost", "--cacert", root_of(shop)]
    argv += ["-h", "127.0.0.1", "-p", str(shop.gateway_port), "PING"]
    env = {**os.environ, "REDISCLI_AUTH": variables(shop)["REDIS_PASSWORD"]}
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout == "PONG\n", done.stderr
    env["REDISCLI_AUTH"] = "wrong"
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False, timeout=60)
    assert "PONG" not in done.stdout


def test_what_was_written_is_there_after_a_stop(shop: RunningProject) -> None:
    told = variables(shop)
    with sales(told) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept (id int)")
    with mongo(told["MONGODB_URI"]) as client:
        client.get_default_database()["kept"].insert_one({})
    assert shop.homeport("stop").returncode == 0
    shop.up()
    assert variables(shop) == told
    with sales(told) as connection, connection.cursor() as cursor:
        assert cursor.execute("SHOW TABLES LIKE 'kept'") == 1
    with mongo(told["MONGODB_URI"]) as client:
        assert client.get_default_database()["kept"].count_documents({}) == 1
