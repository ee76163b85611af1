from __future__ import annotations

import os
import socket
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from homeport.host.mongodb_admin import Line, log_in
from homeport.host.mongodb_dump import END, MAGIC
from homeport.model.errors import NotFound
from homeport.run.recipes import mongodb
from homeport.run.recipes.mongodb import RECIPE
from homeport.wire.bson import encode, message, read_message
from tests.run.recipes.databases import (
    Running,
    assert_keeps_the_password,
    assert_on_loopback_only,
    assert_refuses_half,
    is_healthy,
    kill,
    make_place,
    refuses,
    up,
)
from tests.run.recipes.node_modules import install
from tests.servers.mongodb import mongod

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from homeport.wire.bson import Document, Value

pytestmark = pytest.mark.slow


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
        line = Line(connection)
        log_in(line, mongodb._key(db.place))
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
    assert RECIPE.database
    with pytest.raises(NotFound, match="npm install -g mongosh"):
        RECIPE.database.shell(make_place(tmp_path, "mongodb"))


@pytest.mark.slow
@pytest.mark.usefixtures("own_programs")
def test_its_shell_is_logged_in(
    db: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "mongosh")
    monkeypatch.setenv("PATH", f"{tmp_path}/node_modules/.bin:{os.environ['PATH']}")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert "my_shop" in db.shell("db.getName()\n")
    assert RECIPE.database
    assert db.place.password not in " ".join(RECIPE.database.shell(db.place).argv)


def test_a_dump_brings_back_what_a_reset_took(db: Running) -> None:
    database = RECIPE.database
    assert database
    assert database.dump
    assert database.restore
    assert database.reset
    with closing(socket.create_connection((db.place.address, db.place.port), 10)) as connection:
        line = Line(connection)
        log_in(line, mongodb._key(db.place))
        for first in range(0, 3000, 500):
            documents: list[Value] = [{"_id": n, "t": "x" * n} for n in range(first, first + 500)]
            line.do("my_shop", {"insert": "many", "documents": documents})
        index: Value = {"key": {"t": 1}, "name": "by_t", "unique": True}
        line.do("my_shop", {"createIndexes": "many", "indexes": [index]})
        line.do("my_shop", {"create": "few", "viewOn": "many", "pipeline": [{"$limit": 2}]})
        line.do("my_shop", {"create": "last", "capped": True, "size": 4096})
        written = db.run(database.dump(db.place))
        assert_refuses_half(db, written)
        for step in database.reset(db.place):
            db.run(step)
        assert line.do("my_shop", {"count": "many"})["n"] == 0
        for _ in range(2):
            db.run(database.restore(db.place), written)
        assert line.do("my_shop", {"count": "many"})["n"] == 3000
        assert line.do("my_shop", {"count": "few"})["n"] == 2
        assert line.do("my_shop", {"collStats": "last"})["capped"] is True
        again = line.ask("my_shop", {"insert": "many", "documents": [{"_id": -1, "t": "x"}]})
        assert "writeErrors" in again
        assert db.run(database.dump(db.place)) == written


@pytest.mark.parametrize(
    ("dumped", "why"),
    [
        (b"SELECT 1", "no dump"),
        (MAGIC + b"\x09\x00\x00\x00" + END, "no BSON document"),
        (MAGIC + b"\x01\x00" + END, "broken"),
        (MAGIC + encode({"shutdown": 1}) + END, "a command that Homeport does not write"),
    ],
)
def test_what_is_no_dump_is_refused(db: Running, dumped: bytes, why: str) -> None:
    assert RECIPE.database
    assert RECIPE.database.restore
    with pytest.raises(AssertionError, match=why):
        db.run(RECIPE.database.restore(db.place), dumped)
    assert is_healthy(db.url)


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
