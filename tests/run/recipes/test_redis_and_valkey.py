"""What Redis and Valkey both promise, with the real server of each."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from homeport.run.recipes import redis, valkey
from tests.run.recipes.databases import (
    Kind,
    Running,
    assert_keeps_the_password,
    assert_on_loopback_only,
    assert_refuses_half,
    cut_short,
    identity_of,
    is_healthy,
    kill,
    make_place,
    refuses,
    up,
)

pytestmark = pytest.mark.usefixtures("programs_of_kind")

KINDS = {
    "redis": Kind(redis.RECIPE, "redis-server", "redis-server"),
    "valkey": Kind(valkey.RECIPE, "valkey-server"),
}


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    return KINDS[request.param]


def test_its_url_opens_it(db: Running) -> None:
    assert is_healthy(db.url)
    assert db.shell("PING") == "PONG\n"
    assert dict(db.launch.exports)["REDIS_URL"] == db.url


def test_it_is_the_server_that_was_wanted(db: Running, kind: Kind) -> None:
    assert os.path.basename(db.launch.argv[0]) == kind.server
    told = db.shell("INFO server")
    assert ("server_name:valkey" in told) is (kind.server == "valkey-server")
    assert identity_of(db).protocol == "redis"


def test_its_own_client_opens_its_url(db: Running, kind: Kind) -> None:
    database = db.recipe.database
    assert database is not None
    client = database.shell(db.place).argv[0]
    assert os.path.basename(client) == kind.server.replace("server", "cli")
    argv = [client, "-u", db.url, "--no-auth-warning", "PING"]
    assert subprocess.run(argv, capture_output=True, text=True, check=True).stdout == "PONG\n"


def test_a_wrong_password_is_refused(db: Running) -> None:
    assert refuses(db)


def test_it_listens_on_loopback_only(db: Running) -> None:
    assert_on_loopback_only(db)


@pytest.mark.root
def test_nobody_else_can_read_the_password(db: Running) -> None:
    assert_keeps_the_password(db)


def test_a_dump_brings_back_what_a_reset_took(db: Running) -> None:
    database = db.recipe.database
    assert database is not None
    assert database.dump
    assert database.restore
    assert database.reset
    commands = [
        'SET "two\\nlines" "\\x00\\xff\\r\\n"',
        "SET brief 1 PX 600000",
        "SELECT 3",
        "RPUSH list a b",
        "ZADD scores 1.5 anna",
    ]
    db.shell("\n".join(commands))
    written = db.run(database.dump(db.place))
    assert_refuses_half(db, written)
    for step in database.reset(db.place):
        db.run(step)
    assert db.shell("DBSIZE\nSELECT 3\nDBSIZE").split() == ["0", "OK", "0"]
    for _ in range(2):
        db.run(database.restore(db.place), written)
    assert db.shell('STRLEN "two\\nlines"\nTTL "two\\nlines"').split() == ["4", "-1"]
    assert 0 < int(db.shell("TTL brief")) <= 600
    told = db.shell("SELECT 3\nLRANGE list 0 -1\nZSCORE scores anna").split()
    assert told == ["OK", "a", "b", "1.5"]


def test_it_comes_back_after_kill_9_with_what_was_written(tmp_path: Path, kind: Kind) -> None:
    place = make_place(tmp_path, kind.recipe.name)
    with up(kind.recipe, place) as first:
        first.shell("SET kept 7")
        kill(first)
    log = next(Path(place.data_dir).rglob("*.incr.aof"))
    log.write_bytes(log.read_bytes() + b"*3\r\n$3\r\nSET\r\n$4\r\nha")
    with up(kind.recipe, place) as second:
        assert second.shell("GET kept") == "7\n"


def test_it_comes_up_whenever_it_was_killed(tmp_path: Path, kind: Kind) -> None:
    place = make_place(tmp_path, kind.recipe.name)
    for after_ms in range(0, 100, 20):
        cut_short(kind.recipe, place, after_ms / 1000)
    with up(kind.recipe, place) as running:
        assert is_healthy(running.url)


def test_a_cache_keeps_nothing(tmp_path: Path, kind: Kind) -> None:
    place = make_place(tmp_path, kind.recipe.name, durable="false")
    with up(kind.recipe, place) as running:
        running.shell("SET gone 1")
    assert running.server.process.returncode == 0
    assert os.listdir(place.data_dir) == ["redis.conf"]
