"""What Valkey alone does; test_redis_and_valkey.py has what it shares with Redis."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from homeport.model.errors import NotFound
from homeport.run.recipes import redis
from homeport.run.recipes.valkey import RECIPE
from tests.run.recipes.databases import find_first, identity_of, make_place, up
from tests.support import need, unpacked


def only(monkeypatch: pytest.MonkeyPatch, server: str) -> None:
    """As if there were this server and no other of its like."""
    found = {os.path.basename(server): (server,)}
    monkeypatch.setattr(redis, "programs", lambda name, *_: found.get(name, ()))


def test_its_data_stays_with_it_where_redis_is_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = need("redis-server", package="redis-server")
    own = unpacked("valkey-server")
    place = make_place(tmp_path, "redis")
    with monkeypatch.context() as patch:
        only(patch, own)
        with up(redis.RECIPE, place) as standing_in:
            standing_in.shell("SET kept 7")
    with monkeypatch.context() as patch:
        only(patch, other)
        with pytest.raises(NotFound, match=r"Valkey has made .*apt install valkey-server;"):
            redis.RECIPE.launch(place)
    find_first(monkeypatch, "valkey-server")
    with up(redis.RECIPE, place) as after:
        assert after.launch.argv[0] == own
        assert after.shell("GET kept") == "7\n"


def test_it_goes_on_with_old_data_of_redis_that_has_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    need("redis-server", package="redis-server")
    own, place = unpacked("valkey-server"), make_place(tmp_path, "redis")
    with up(redis.RECIPE, place) as before:
        before.shell("SET kept 7")
    only(monkeypatch, own)
    with up(redis.RECIPE, place) as after:
        assert after.shell("GET kept") == "7\n"
    base = next(Path(place.data_dir).rglob("*.base.rdb"))
    written = base.read_bytes()
    assert written.startswith(b"REDIS00")
    base.write_bytes(b"REDIS0012" + written[9:])
    with pytest.raises(NotFound, match=r"Redis has made .*apt install redis-server;"):
        redis.RECIPE.launch(place)


@pytest.mark.parametrize("damage", ["no manifest", "an odd manifest", "no base"])
def test_data_that_tells_nothing_is_left_to_the_first_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    find_first(monkeypatch, "valkey-server")
    place = make_place(tmp_path, "valkey")
    logs = Path(place.data_dir) / "appendonlydir"
    logs.mkdir()
    if damage != "no manifest":
        line = "file\n" if damage == "an odd manifest" else "file ../x.rdb seq 1 type b\n"
        (logs / "appendonly.aof.manifest").write_text(line, encoding="utf-8")
    assert RECIPE.launch(place).argv[0] == unpacked("valkey-server")


def test_the_version_is_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    find_first(monkeypatch, "valkey-server")
    chosen = RECIPE.launch(make_place(tmp_path, "valkey", version="9")).argv[0]
    assert chosen == unpacked("valkey-server")
    with pytest.raises(NotFound, match=r"2\.8 is wanted; there is 9\.\d+"):
        RECIPE.launch(make_place(tmp_path, "valkey", version="2.8"))


def test_it_tells_who_it_is_to_whoever_may_ask(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find_first(monkeypatch, "valkey-server")
    with up(RECIPE, make_place(tmp_path, "valkey")) as running:
        running.shell("CONFIG SET requirepass ''")
        found = identity_of(running)
        assert (found.protocol, found.product) == ("redis", "Valkey")
        assert f"valkey_version:{found.version}\n" in running.shell("INFO server").replace("\r", "")
