from __future__ import annotations

import socket
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from homeport.host.mongodb_admin import _Line, _log_in
from homeport.model.errors import NotFound
from homeport.run.recipes import mongodb
from homeport.run.recipes.mongodb import RECIPE
from homeport.wire.bson import message, read_message
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
from tests.servers.mongodb import mongod

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from homeport.wire.bson import Document


@pytest.fixture(autouse=True, scope="module")
def _installed() -> None:
    mongod()


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Generator[Running]:
    with up(RECIPE, make_place(tmp_path_factory.mktemp("shop"), "mongodb")) as running:
        yield running


def asked_by_a_stranger(running: Running, document: Document) -> Document:
    address = (running.place.address, running.place.port)
    with closing(socket.create_connection(address, timeout=10)) as talking:
        talking.sendall(message(1, document))
        data = b""
        while (answer := read_message(1, data)) is None:
            data += talking.recv(65536)
    return answer


def test_its_url_opens_it(db: Running) -> None:
    assert is_healthy(db.url)
    assert db.url.endswith("/my_shop?authSource=admin")
    assert {db.url} == set(dict(db.launch.exports).values())


def test_a_wrong_password_is_refused(db: Running) -> None:
    assert refuses(db)


def test_a_stranger_is_shown_nothing(db: Running) -> None:
    answer = asked_by_a_stranger(db, {"listDatabases": 1, "$db": "admin"})
    assert answer["codeName"] == "Unauthorized"


def test_a_stranger_can_make_no_first_account(tmp_path: Path) -> None:
    account: Document = {"createUser": "me", "pwd": "x", "$db": "admin"}
    account["roles"] = [{"role": "root", "db": "admin"}]
    place = make_place(tmp_path, "mongodb")
    launch = RECIPE.launch(place)._replace(after=())
    with up(RECIPE._replace(launch=lambda _: launch), place) as running:
        assert asked_by_a_stranger(running, account)["codeName"] == "Unauthorized"


def test_it_listens_on_loopback_only(db: Running) -> None:
    assert_on_loopback_only(db)


@pytest.mark.root
def test_nobody_else_can_read_the_password(db: Running) -> None:
    assert_keeps_the_password(db)


def test_a_reset_takes_databases_and_accounts(db: Running) -> None:
    assert RECIPE.database
    assert RECIPE.database.reset
    with closing(socket.create_connection((db.place.address, db.place.port), 10)) as connection:
        line = _Line(connection)
        _log_in(line, mongodb._key(db.place))
        line.do("my_shop", {"insert": "fruit", "documents": [{"name": "pear"}]})
        line.do("my_shop", {"createUser": "me", "pwd": "x", "roles": []})
        line.do("admin", {"createUser": "you", "pwd": "x", "roles": []})
        for step in RECIPE.database.reset(db.place):
            db.run(step)
        assert line.do("my_shop", {"count": "fruit"})["n"] == 0
        users = line.do("admin", {"usersInfo": {"forAllDBs": True}})["users"]
        assert isinstance(users, list)
        assert [each["user"] for each in users if isinstance(each, dict)] == ["root"]
    assert is_healthy(db.url)


def test_tools_that_are_missing_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    database, place = RECIPE.database, make_place(tmp_path, "mongodb")
    assert database
    assert database.dump
    with pytest.raises(NotFound, match="npm install -g mongosh"):
        database.shell(place)
    with pytest.raises(NotFound, match="mongodb-database-tools"):
        database.dump(place)


def test_it_comes_back_after_kill_9(tmp_path: Path) -> None:
    place = make_place(tmp_path, "mongodb")
    with up(RECIPE, place) as first:
        kill(first)
    with up(RECIPE, place) as second:
        assert is_healthy(second.url)
    assert second.server.process.returncode == 0


def test_its_account_is_made_when_that_was_killed(tmp_path: Path) -> None:
    place = make_place(tmp_path, "mongodb")
    launch = RECIPE.launch(place)
    with up(RECIPE._replace(launch=lambda _: launch._replace(after=())), place) as first:
        kill(first)
    with up(RECIPE, place) as second:
        assert is_healthy(second.url)
        second.run(launch.after[0]._replace(unless=None))
        assert is_healthy(second.url)


def test_without_any_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mongodb, "programs", lambda *_: ())
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    with pytest.raises(NotFound, match="brew install mongodb/brew/mongodb-community"):
        RECIPE.launch(make_place(tmp_path, "mongodb"))
