"""What MySQL alone does; test_mysql_and_mariadb.py has what it shares with MariaDB."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from homeport.host.database_programs import version
from homeport.model.errors import NotFound
from homeport.run.recipes import mariadb, mysql
from homeport.run.recipes.mysql import RECIPE
from tests.run.recipes.databases import find_first, make_place, run_step
from tests.support import unpacked


def test_the_version_is_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    find_first(monkeypatch, "mysqld")
    own = make_place(tmp_path, "mysql", version="9")
    assert RECIPE.launch(own).argv[0] == unpacked("mysqld")
    found = rf"5\.5 is wanted; there is .*9\.\d+\.\d+ \({re.escape(unpacked('mysqld'))}\)"
    with pytest.raises(NotFound, match=found):
        RECIPE.launch(make_place(tmp_path, "mysql", version="5.5"))


def test_a_version_in_its_path_is_not_its_own(tmp_path: Path) -> None:
    program = tmp_path / "mysql@8.4" / "bin" / "mysqld"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\necho "$0  Ver 8.4.6 for Linux"\n', encoding="utf-8")
    program.chmod(0o755)
    assert version(str(program)) == "8.4.6"


def test_its_data_is_not_left_for_mariadb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = make_place(tmp_path, "mysql")
    (Path(place.data_dir) / "mysql").mkdir()
    monkeypatch.setattr(mysql, "programs", lambda *_: ())
    with pytest.raises(NotFound, match=r"MySQL has made .*apt install mysql-server;"):
        RECIPE.launch(place)


def test_without_a_client_it_is_up_and_has_no_shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find_first(monkeypatch, "mysqld")
    monkeypatch.setattr(mariadb, "beside", lambda *_: None)
    monkeypatch.setattr(mariadb, "programs", lambda *_: ())
    place = make_place(tmp_path, "mysql")
    assert RECIPE.launch(place).after == ()
    assert RECIPE.database is not None
    with pytest.raises(NotFound, match=r"there is no mariadb: .*apt install mariadb-client"):
        RECIPE.database.shell(place)


def test_a_client_that_cannot_log_in_harms_no_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find_first(monkeypatch, "mysqld")
    monkeypatch.setattr(mariadb, "client", lambda *_: ("/bin/false",))
    (login,) = RECIPE.launch(make_place(tmp_path, "mysql")).after
    assert "/bin/false" in login.argv
    run_step(login)
