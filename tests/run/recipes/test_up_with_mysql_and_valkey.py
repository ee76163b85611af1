"""MySQL and Valkey as a project has them: brought up together, used, dumped, reset, tested with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import homeport
from tests.run.recipes.databases import find_first
from tests.running import project
from tests.support import homeport_command

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.running import RunningProject

pytestmark = pytest.mark.slow

DECLARATION = """
[services.db]
recipe = "mysql"

[services.cache]
recipe = "valkey"

[services.worker]
run = "exec sleep 600"
port = false
needs = ["db", "cache"]
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Generator[RunningProject]:
    with pytest.MonkeyPatch.context() as patch:
        for server in ("mysqld", "valkey-server"):
            find_first(patch, server)
        with project(tmp_path_factory.mktemp("databases"), DECLARATION) as made:
            made.up(timeout=120)
            yield made


def said(shop: RunningProject, *args: str, stdin: str = "") -> str:
    done = shop.homeport(*args, stdin=stdin)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_they_are_ready_and_well(shop: RunningProject) -> None:
    assert {each["state"] for each in shop.ps().values()} == {"ready"}
    for name in ("db", "cache"):
        assert ": healthy\n" in said(shop, "check", name)


def test_their_clients_find_them(shop: RunningProject) -> None:
    query = 'mysql --user=root --batch --skip-column-names "$MYSQL_DATABASE" -e "SELECT @@version"'
    assert said(shop, "exec", "--", "sh", "-c", query).startswith("9.")
    assert "valkey_version:9." in said(
        shop, "exec", "--", "sh", "-c", 'valkey-cli -u "$VALKEY_URL" INFO server'
    )


def test_mysql_writes_no_file_for_a_client(shop: RunningProject) -> None:
    ask = f"SELECT 1 INTO OUTFILE '{shop.root}/out';"
    assert "secure-file-priv" in shop.homeport("db", "shell", "db", stdin=ask).stderr
    assert not (shop.root / "out").exists()


def test_a_dump_is_restored_after_a_reset(shop: RunningProject) -> None:
    for name, write, read in (
        ("db", "CREATE TABLE fruit (name text);", "SHOW TABLES;"),
        ("cache", "SET fruit fig\n", "EXISTS fruit\n"),
    ):
        said(shop, "db", "shell", name, stdin=write)
        before = said(shop, "db", "shell", name, stdin=read)
        script = f"{homeport_command()[0][0]} db dump {name} > {name}.dump"
        said(shop, "exec", "--", "sh", "-c", script)
        said(shop, "db", "reset", name, "--yes")
        assert said(shop, "db", "shell", name, stdin=read) != before
        script = f"{homeport_command()[0][0]} db restore {name} < {name}.dump"
        said(shop, "exec", "--", "sh", "-c", script)
        assert said(shop, "db", "shell", name, stdin=read) == before


def test_a_program_has_its_own(shop: RunningProject, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in shop.env.items():
        monkeypatch.setenv(variable, value)
    with homeport.start_service("db", directory=str(shop.root), part="test") as db:
        assert homeport.check(db.env["DATABASE_URL"]).healthy
        db.reset()
        assert homeport.check(db.env["DATABASE_URL"]).healthy
