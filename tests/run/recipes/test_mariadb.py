"""What MariaDB alone does; test_mysql_and_mariadb.py has what it shares with MySQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from homeport.model.errors import NotFound
from homeport.run.recipes import mariadb, mysql
from homeport.run.recipes.mariadb import RECIPE
from tests.run.recipes.databases import find_first, is_healthy, make_place, rows, up
from tests.support import need

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
def test_it_stands_in_for_mysql_and_keeps_its_data_when_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = need("mariadbd", package="mariadb-server")
    place = make_place(tmp_path, "mysql", user="shop")
    with up(mysql.RECIPE, place) as before:
        assert is_healthy(before.url)
        assert rows(before, "SELECT current_user()") == ["shop@%"]
        before.shell("CREATE TABLE kept (a int); INSERT INTO kept VALUES (7);")
    find_first(monkeypatch, "mysqld")
    with up(mysql.RECIPE, place) as after:
        assert after.launch.argv[0] == server
        assert rows(after, "SELECT a FROM kept") == ["7"]


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
