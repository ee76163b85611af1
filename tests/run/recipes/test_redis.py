"""What Redis alone does; test_redis_and_valkey.py has what it shares with Valkey."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from homeport.model.errors import NotFound
from homeport.run.recipes import redis, valkey
from homeport.run.recipes.redis import RECIPE
from tests.run.recipes.databases import find_first, is_healthy, make_place, up
from tests.support import need

if TYPE_CHECKING:
    from pathlib import Path


def test_it_stands_in_for_valkey_and_keeps_its_data_when_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = need("redis-server", package="redis-server")
    place = make_place(tmp_path, "valkey")
    with up(valkey.RECIPE, place) as before:
        assert is_healthy(before.url)
        assert dict(before.launch.exports)["VALKEY_URL"] == before.url
        before.shell("SET kept 7")
    find_first(monkeypatch, "valkey-server")
    with up(valkey.RECIPE, place) as after:
        assert after.launch.argv[0] == server
        assert after.shell("GET kept") == "7\n"


def test_without_any_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis, "programs", lambda *_: ())
    place = make_place(tmp_path, "redis")
    with pytest.raises(NotFound, match="apt install redis-server; on macOS: brew install redis"):
        RECIPE.launch(place)
    with pytest.raises(NotFound, match="brew install valkey"):
        valkey.RECIPE.launch(place)
