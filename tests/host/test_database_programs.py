from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from homeport.host.database_programs import (
    beside,
    first_line,
    in_python_environment,
    programs,
    said_of_itself,
    version,
)


def program(path: Path, prints: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\nprintf '%s\\n' '{prints}'\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_the_path_comes_first_and_then_the_newest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in ("9.6", "10", "16"):
        program(tmp_path / "lib" / number / "bin" / "server-x")
    own = program(tmp_path / "bin" / "server-x")
    monkeypatch.setenv("PATH", f"{own.parent}:relative:")
    found = [Path(each) for each in programs("server-x", f"{tmp_path}/lib/*/bin")]
    assert found[0] == own
    assert [each.parts[-3] for each in found[1:]] == ["16", "10", "9.6"]


def test_a_link_to_the_same_program_is_given_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = program(tmp_path / "lib" / "server-x")
    link = tmp_path / "bin" / "server-x"
    link.parent.mkdir()
    link.symlink_to(real)
    monkeypatch.setenv("PATH", str(link.parent))
    assert programs("server-x", str(real.parent)) == (str(link),)
    program(tmp_path / "lib" / "client-x")
    assert beside(str(link), "client-x") == str(tmp_path / "lib" / "client-x")
    assert beside(str(link), "other-x") is None


@pytest.mark.parametrize(
    ("prints", "is_version"),
    [
        ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", "15.18"),
        ("Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0", "7.0.15"),
        ("mariadbd  Ver 10.11.19-MariaDB-0+deb12u1 for debian", "10.11.19"),
        ("nats-server: v2.15.1", "2.15.1"),
        ("db version v7.0.2", "7.0.2"),
        ("memcached 1.6.18", "1.6.18"),
        ("no number", None),
    ],
)
def test_a_program_tells_its_version(tmp_path: Path, prints: str, is_version: str | None) -> None:
    assert version(str(program(tmp_path / "server-x", prints))) == is_version


def test_what_cannot_be_run_tells_nothing(tmp_path: Path) -> None:
    broken = tmp_path / "server-x"
    broken.write_text("nonsense", encoding="utf-8")
    assert said_of_itself(str(broken)) == ""
    assert version(str(tmp_path / "missing")) is None


def test_the_projects_environment_comes_before_our_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own"
    project = tmp_path / "[project]"
    for environment in (own, project / ".venv"):
        program(environment / "lib" / "python3.11" / "site-packages" / "server" / "run")
    monkeypatch.setattr(sys, "prefix", str(own))
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    found = in_python_environment(str(project), "site-packages/server/run")
    assert [each.startswith(f"{project}/") for each in found] == [True, False]
    assert in_python_environment(str(project), "bin/server") == ()


def test_the_first_line_of_a_file_that_is_none_is_nothing(tmp_path: Path) -> None:
    (tmp_path / "version").write_text("15\nmore\n", encoding="ascii")
    (tmp_path / "link").symlink_to(tmp_path / "version")
    os.mkfifo(tmp_path / "pipe")
    assert first_line(str(tmp_path / "version")) == "15"
    for name in ("link", "pipe", "missing", "."):
        assert first_line(str(tmp_path / name)) is None
