from __future__ import annotations

import os
import shutil
import socket
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from homeport.host import demoted
from homeport.model.errors import NotFound
from homeport.run.recipes import memcached
from homeport.run.recipes.memcached import RECIPE
from tests.run.recipes.databases import (
    Running,
    assert_keeps_the_password,
    assert_on_loopback_only,
    is_healthy,
    kill,
    make_place,
    up,
)
from tests.support import need

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True, scope="module")
def _installed() -> None:
    need("memcached", package="memcached")


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Generator[Running]:
    with up(RECIPE, make_place(tmp_path_factory.mktemp("shop"), "memcached")) as running:
        yield running


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Generator[Running]:
    place = make_place(tmp_path_factory.mktemp("shop"), "memcached", login="true")
    with up(RECIPE, place) as running:
        yield running


def answers(running: Running, *lines: str) -> list[str]:
    """What is answered to each of some lines over one connection."""
    told = []
    address = (running.place.address, running.place.port)
    with closing(socket.create_connection(address, 10)) as talking, talking.makefile("rwb") as file:
        for line in lines:
            file.write(line.encode() + b"\r\n")
            file.flush()
            told.append(file.readline().decode().strip())
    return told


def test_it_keeps_what_it_is_given(db: Running) -> None:
    assert is_healthy(db.url)
    assert answers(db, "set a 0 0 1\r\n7", "get a") == ["STORED", "VALUE a 0 1"]
    assert dict(db.launch.exports)["MEMCACHE_SERVERS"] == f"127.0.0.1:{db.place.port}"
    assert db.launch.secrets == ()


def test_it_listens_on_loopback_only(db: Running) -> None:
    assert_on_loopback_only(db)


def test_with_a_login_only_the_password_opens_it(locked: Running) -> None:
    def set_by(password: str) -> list[str]:
        login = f"my_shop {password}"
        return answers(locked, f"set x 0 0 {len(login)}\r\n{login}", "set a 0 0 1\r\n7")

    assert set_by(locked.place.password) == ["STORED", "STORED"]
    assert set_by("wrong")[0] == "CLIENT_ERROR authentication failure"
    assert answers(locked, "get a") == ["CLIENT_ERROR unauthenticated"]
    assert dict(locked.launch.facts)["user"] == "my_shop"


@pytest.mark.root
def test_nobody_else_can_read_the_password(locked: Running) -> None:
    assert_keeps_the_password(locked)


@pytest.mark.root
def test_without_namespaces_root_runs_it_as_another_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demoted, "_namespace", lambda: None)
    place = make_place(tmp_path, "memcached", login="true")
    home = demoted.home_of(place.data_dir, demoted.demotion("memcache"))
    try:
        with up(RECIPE, place) as running:
            assert os.stat(f"/proc/{running.server.pid}").st_uid != 0
            assert answers(running, "get a") == ["CLIENT_ERROR unauthenticated"]
    finally:
        shutil.rmtree(home, ignore_errors=True)


def test_it_comes_back_after_kill_9_and_stops_cleanly(tmp_path: Path) -> None:
    place = make_place(tmp_path, "memcached")
    with up(RECIPE, place) as first:
        kill(first)
    with up(RECIPE, place) as second:
        assert is_healthy(second.url)
    assert second.server.process.returncode == 0


def test_without_any_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memcached, "programs", lambda *_: ())
    with pytest.raises(NotFound, match="apt install memcached"):
        RECIPE.launch(make_place(tmp_path, "memcached"))
