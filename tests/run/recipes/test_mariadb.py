from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from homeport.model.errors import NotFound
from homeport.run.recipes import mariadb, mysql
from homeport.run.recipes.mariadb import RECIPE
from tests.run.recipes.databases import (
    Running,
    assert_keeps_the_password,
    assert_on_loopback_only,
    interrupted,
    is_healthy,
    kill,
    make_place,
    refuses,
    up,
)
from tests.support import need

if TYPE_CHECKING:
    from collections.abc import Generator

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True, scope="module")
def _installed() -> None:
    need("mariadbd", package="mariadb-server")


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Generator[Running]:
    with up(RECIPE, make_place(tmp_path_factory.mktemp("shop"), "mariadb")) as running:
        yield running


def rows(running: Running, query: str) -> list[str]:
    return running.shell(query).splitlines()[1:]


def test_its_url_opens_a_database_of_the_projects_name(db: Running) -> None:
    assert is_healthy(db.url)
    assert rows(db, "SELECT database(), current_user()") == ["my_shop\troot@%"]
    assert dict(db.launch.exports)["DATABASE_URL"] == db.url


def test_it_keeps_every_letter(db: Running) -> None:
    assert rows(db, "SELECT @@character_set_server") == ["utf8mb4"]


def test_a_wrong_password_is_refused(db: Running) -> None:
    assert refuses(db)


def test_no_account_gets_in_without_the_password(db: Running) -> None:
    accounts = rows(db, "SELECT user, host FROM mysql.user ORDER BY 1, 2")
    assert accounts == ["mariadb.sys\tlocalhost", "root\t%", "root\tlocalhost"]
    assert refuses(db, password="")


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
    db.shell("CREATE TABLE fruit (name text); INSERT INTO fruit VALUES ('pear'), ('ümlaut')")
    db.shell("CREATE DATABASE `te``st`; CREATE USER me@localhost; CREATE ROLE reader;")
    written = db.run(database.dump(db.place))
    for step in database.reset(db.place):
        db.run(step)
    assert rows(db, "SHOW TABLES") == []
    assert "my_shop" in rows(db, "SHOW DATABASES")
    assert "te`st" not in rows(db, "SHOW DATABASES")
    assert rows(db, "SELECT user FROM mysql.user WHERE user IN ('me', 'reader')") == []
    for _ in range(2):
        db.run(database.restore(db.place), written)
    assert rows(db, "SELECT name FROM fruit ORDER BY 1") == ["pear", "ümlaut"]


def test_a_broken_dump_is_told(db: Running) -> None:
    database = RECIPE.database
    assert database is not None
    assert database.restore
    with pytest.raises(AssertionError, match="error in your SQL syntax"):
        db.run(database.restore(db.place), "nonsense;\n")


def test_it_comes_back_after_kill_9_with_what_was_committed(tmp_path: Path) -> None:
    place = make_place(tmp_path, "mariadb")
    with up(RECIPE, place) as first:
        first.shell("CREATE TABLE kept (a int); INSERT INTO kept VALUES (7);")
        kill(first)
    with up(RECIPE, place) as second:
        assert rows(second, "SELECT a FROM kept") == ["7"]
    assert second.server.process.returncode == 0


@pytest.mark.parametrize("file", ["making.log", "draft/ibdata1", "draft/mysql"])
def test_it_is_made_anew_when_the_making_was_killed(tmp_path: Path, file: str) -> None:
    place = make_place(tmp_path, "mariadb")
    making = RECIPE.launch(place).before[0]
    interrupted(making, (Path(place.data_dir) / file).exists)
    with up(RECIPE, place) as running:
        assert is_healthy(running.url)
    assert not (Path(place.data_dir) / "draft").exists()


def test_it_stands_in_for_mysql(tmp_path: Path) -> None:
    with up(mysql.RECIPE, make_place(tmp_path, "mysql", user="shop")) as running:
        assert is_healthy(running.url)
        assert rows(running, "SELECT current_user()") == ["shop@%"]


def test_without_any_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mariadb, "programs", lambda *_: ())
    monkeypatch.setattr(mysql, "programs", lambda *_: ())
    place = make_place(tmp_path, "mariadb")
    with pytest.raises(NotFound, match="apt install mariadb-server; on macOS: brew install maria"):
        RECIPE.launch(place)
    with pytest.raises(NotFound, match="apt install mysql-server"):
        mysql.RECIPE.launch(place)
