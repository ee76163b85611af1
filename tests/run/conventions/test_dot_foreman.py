"""What a project with a `.foreman` declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from homeport.model.errors import NotFound
from homeport.run.declaring import declaration

if TYPE_CHECKING:
    from pathlib import Path


def write(directory: Path, **files: str) -> None:
    for name, text in files.items():
        path = directory / name.replace("__", "/").replace("_", ".", 1)
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")


def test_its_procfile_is_run_in_its_own_directory(tmp_path: Path) -> None:
    write(tmp_path, Procfile="a: x\n", Procfile_dev="b: x\n", ops__Procfile="c: x\n")
    (tmp_path / ".foreman").write_text("procfile: ops/Procfile\n")
    declared = declaration(str(tmp_path))
    (service,) = declared.services
    assert (declared.source, service.name) == ("ops/Procfile", "c")
    assert service.directory == str(tmp_path / "ops")


def test_a_procfile_that_is_not_there_is_missed(tmp_path: Path) -> None:
    write(tmp_path, Procfile="a: x\n", _foreman="procfile: Procfile.local\n")
    with pytest.raises(NotFound, match=r"no Procfile\.local"):
        declaration(str(tmp_path))


def test_its_files_of_variables_are_read_instead(tmp_path: Path) -> None:
    write(tmp_path, Procfile="a: x\n", _env="A=1\n", one_env="B=1\nC=1\n", two_env="C=2\n")
    (tmp_path / ".foreman").write_text("env: one.env,missing.env,two.env\n")
    declared = declaration(str(tmp_path))
    assert dict(declared.dotenv) == {"B": "1", "C": "2"}
    assert declared.notes == ("missing.env is left out: there is no such file",)


def test_it_may_say_that_there_are_none(tmp_path: Path) -> None:
    write(tmp_path, Procfile="a: x\n", _env="A=1\n", _foreman="env: /dev/null\n")
    declared = declaration(str(tmp_path))
    assert (declared.dotenv, declared.notes) == ((), ())


def test_without_a_procfile_it_means_nothing(tmp_path: Path) -> None:
    write(tmp_path, _env="A=1\n", _foreman="env: other.env\n")
    (tmp_path / "homeport.toml").write_text('[services.web]\nrun = "x"\n')
    assert declaration(str(tmp_path)).dotenv == (("A", "1"),)
