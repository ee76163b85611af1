from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from homeport.model.errors import NotFound
from homeport.run.recipes import redis, valkey
from homeport.run.recipes.redis import RECIPE
from tests.run.recipes.databases import (
    Running,
    assert_keeps_the_password,
    assert_on_loopback_only,
    is_healthy,
    kill,
    make_place,
    refuses,
    up,
)
from tests.support import need

if TYPE_CHECKING:
    from collections.abc import Generator


@pytest.fixture(autouse=True, scope="module")
def _installed() -> None:
    need("redis-server", package="redis-server")


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Generator[Running]:
    with up(RECIPE, make_place(tmp_path_factory.mktemp("shop"), "redis")) as running:
        yield running


def test_its_url_opens_it(db: Running) -> None:
    assert is_healthy(db.url)
    assert db.shell("PING") == "PONG\n"
    assert dict(db.launch.exports)["REDIS_URL"] == db.url


def test_a_wrong_password_is_refused(db: Running) -> None:
    assert refuses(db)


def test_it_listens_on_loopback_only(db: Running) -> None:
    assert_on_loopback_only(db)


@pytest.mark.root
def test_nobody_else_can_read_the_password(db: Running) -> None:
    assert_keeps_the_password(db)


def test_a_dump_brings_back_what_a_reset_took(db: Running) -> None:
    database = RECIPE.database
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
    for step in database.reset(db.place):
        db.run(step)
    assert db.shell("DBSIZE\nSELECT 3\nDBSIZE").split() == ["0", "OK", "0"]
    for _ in range(2):
        db.run(database.restore(db.place), written)
    assert db.shell('STRLEN "two\\nlines"\nTTL "two\\nlines"').split() == ["4", "-1"]
    assert 0 < int(db.shell("TTL brief")) <= 600
    told = db.shell("SELECT 3\nLRANGE list 0 -1\nZSCORE scores anna").split()
    assert told == ["OK", "a", "b", "1.5"]


def test_it_comes_back_after_kill_9_with_what_was_written(tmp_path: Path) -> None:
    place = make_place(tmp_path, "redis")
    with up(RECIPE, place) as first:
        first.shell("SET kept 7")
        kill(first)
    log = next(Path(place.data_dir).rglob("*.incr.aof"))
    log.write_bytes(log.read_bytes() + b"*3\r\n$3\r\nSET\r\n$4\r\nha")
    with up(RECIPE, place) as second:
        assert second.shell("GET kept") == "7\n"


def test_a_cache_keeps_nothing(tmp_path: Path) -> None:
    place = make_place(tmp_path, "redis", durable="false")
    with up(RECIPE, place) as running:
        running.shell("SET gone 1")
    assert running.server.process.returncode == 0
    assert os.listdir(place.data_dir) == ["redis.conf"]


def test_valkey_is_run_in_the_same_way(tmp_path: Path) -> None:
    with up(valkey.RECIPE, make_place(tmp_path, "valkey")) as running:
        assert is_healthy(running.url)
        assert dict(running.launch.exports)["VALKEY_URL"] == running.url


def test_without_any_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis, "programs", lambda *_: ())
    place = make_place(tmp_path, "redis")
    with pytest.raises(NotFound, match="apt install redis-server; on macOS: brew install redis"):
        RECIPE.launch(place)
    with pytest.raises(NotFound, match="brew install valkey"):
        valkey.RECIPE.launch(place)
