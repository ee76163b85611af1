"""What MySQL and MariaDB both promise, with the real server of each."""

from __future__ import annotations

import os
import subprocess
from contextlib import closing
from pathlib import Path

import pymysql
import pytest

from homeport.run.recipes import mariadb, mysql
from tests.run.recipes.databases import (
    Kind,
    Running,
    assert_keeps_the_password,
    assert_on_loopback_only,
    assert_refuses_half,
    identity_of,
    interrupted,
    is_healthy,
    kill,
    make_place,
    refuses,
    rows,
    up,
)

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("programs_of_kind")]

KINDS = {
    "mysql": Kind(mysql.RECIPE, "mysqld"),
    "mariadb": Kind(mariadb.RECIPE, "mariadbd", "mariadb-server"),
}


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    return KINDS[request.param]


def by_driver(running: Running, query: str) -> object:
    """What a driver gets that has neither TLS nor RSA, told as services that need it are."""
    told = dict(running.launch.exports)
    driver = pymysql.connect(
        host=told["MYSQL_HOST"],
        port=int(told["MYSQL_PORT"]),
        user=told["MYSQL_USER"],
        password=told["MYSQL_PASSWORD"],
        database=told["MYSQL_DATABASE"],
        ssl_disabled=True,
    )
    with closing(driver), driver.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def test_its_url_opens_a_database_of_the_projects_name(db: Running) -> None:
    assert is_healthy(db.url)
    assert rows(db, "SELECT database(), current_user()") == ["my_shop\troot@%"]
    assert dict(db.launch.exports)["DATABASE_URL"] == db.url


def test_it_is_known_for_what_it_is(db: Running, kind: Kind) -> None:
    found = identity_of(db)
    assert (found.protocol, found.product) == ("mysql", kind.recipe.what)
    assert found.version
    assert rows(db, "SELECT version()")[0].startswith(f"{found.version}-")


def test_its_own_client_finds_it_by_the_environment(db: Running) -> None:
    database = db.recipe.database
    assert database is not None
    client = database.shell(db.place).argv[0]
    argv = [client, "--no-defaults", "--user=root", "--execute=SELECT 1", "my_shop"]
    env = {**os.environ, **dict(db.launch.exports)}
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=True)
    assert done.stdout == "1\n1\n"
    assert mariadb.is_mariadb(client) is (db.recipe is mariadb.RECIPE)


def test_it_keeps_every_letter(db: Running) -> None:
    assert rows(db, "SELECT @@character_set_server") == ["utf8mb4"]


def test_a_wrong_password_is_refused(db: Running) -> None:
    assert refuses(db)


def test_no_account_gets_in_without_the_password(db: Running) -> None:
    users = "mysql.user WHERE user NOT LIKE '%.sys' AND user NOT LIKE 'mysql.%'"
    assert rows(db, f"SELECT user, host FROM {users} ORDER BY 1, 2") == [
        "root\t%",
        "root\tlocalhost",
    ]
    assert refuses(db, password="")


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
    db.shell("CREATE TABLE fruit (name text); INSERT INTO fruit VALUES ('pear'), ('ümlaut')")
    db.shell("CREATE DATABASE `te``st`; CREATE USER me@localhost; CREATE ROLE reader;")
    written = db.run(database.dump(db.place))
    assert_refuses_half(db, written)
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
    database = db.recipe.database
    assert database is not None
    assert database.restore
    with pytest.raises(AssertionError, match="error in your SQL syntax"):
        db.run(database.restore(db.place), "nonsense;\n")


def test_it_comes_back_after_kill_9_with_what_was_committed(
    tmp_path: Path, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pymysql._auth._have_cryptography", False)
    place = make_place(tmp_path, kind.recipe.name)
    with up(kind.recipe, place) as first:
        first.shell("CREATE TABLE kept (a int); INSERT INTO kept VALUES (7);")
        kill(first)
    with up(kind.recipe, place) as second:
        assert by_driver(second, "SELECT a FROM kept") == ((7,),)
    assert second.server.process.returncode == 0


@pytest.mark.parametrize("file", ["making.log", "draft/ibdata1", "draft/mysql"])
def test_it_is_made_anew_when_the_making_was_killed(tmp_path: Path, kind: Kind, file: str) -> None:
    place = make_place(tmp_path, kind.recipe.name)
    making = kind.recipe.launch(place).before[0]
    interrupted(making, (Path(place.data_dir) / file).exists)
    with up(kind.recipe, place) as running:
        assert is_healthy(running.url)
    assert not (Path(place.data_dir) / "draft").exists()
