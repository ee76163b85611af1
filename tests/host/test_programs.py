from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from homeport.host import peeking, programs

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def _program(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n", encoding="ascii")
    path.chmod(0o755)
    return str(path)


def test_a_program_is_found_on_path_and_where_servers_lie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = _program(tmp_path / "bin" / "tool")
    further = _program(tmp_path / "further" / "served")
    monkeypatch.setenv("PATH", f"{tmp_path}/nowhere:{tmp_path}/bin")
    assert programs.in_path("tool") == there
    assert programs.in_path("served") is None
    assert programs.in_path("served", also=[str(tmp_path / "further")]) == further
    assert programs.in_path("tool\0") is None


def test_the_working_directory_is_never_a_part_of_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _program(tmp_path / "impostor")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", ":.:bin:/usr/bin")
    assert programs.in_path("impostor") is None
    assert programs.search_path(["/first", "/usr/bin"]) == "/first:/usr/bin"


def test_what_cannot_be_executed_is_no_program(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_text("")
    path.chmod(0o644)
    assert not programs.is_program(str(path))
    assert not programs.is_program(str(tmp_path))
    assert programs.is_program(sys.executable)


def test_the_nearest_program_of_a_project_wins(tmp_path: Path) -> None:
    root, below = str(tmp_path), str(tmp_path / "apps" / "web")
    of_root = _program(tmp_path / ".venv" / "bin" / "flask")
    os.makedirs(below)
    assert programs.in_project("flask", below, root) == of_root
    nearer = _program(tmp_path / "apps" / "web" / "node_modules" / ".bin" / "flask")
    assert programs.in_project("flask", below, root) == nearer
    assert programs.in_project("django", below, root) is None


def test_nothing_above_the_root_is_looked_at() -> None:
    assert list(programs.upward("/a/b/c", "/a")) == ["/a/b/c", "/a/b", "/a"]
    assert list(programs.upward("/a/b", "/")) == ["/a/b", "/a", "/"]
    assert list(programs.upward("/elsewhere/b", "/a")) == ["/elsewhere/b"]
    assert list(programs.upward("/ab/c", "/a")) == ["/ab/c"]


def test_a_file_is_read_to_a_limit_and_only_a_regular_one(tmp_path: Path) -> None:
    long = tmp_path / "long"
    long.write_bytes(b"x" * (1 << 20))
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "broken").write_bytes(b"a\xffb")
    assert len(peeking.text_of(str(long)) or "") == 1 << 18
    assert peeking.text_of(str(tmp_path / "pipe")) is None
    assert peeking.text_of("/dev/zero") is None
    assert peeking.text_of(str(tmp_path)) is None
    assert peeking.text_of(str(tmp_path / "no\0name")) is None
    assert peeking.text_of(str(tmp_path / "broken")) == "a\ufffdb"


def test_directories_are_named_in_order_without_links(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / name).mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("/")
    assert peeking.directories_in(str(tmp_path)) == ("a", "b")
    assert peeking.directories_in(str(tmp_path / "missing")) == ()
    assert peeking.is_directory(str(tmp_path / "a"))
    assert peeking.is_file(str(tmp_path / "file"))
