"""Where projects begin, and reading the files that say what they run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from homeport.host.project_roots import (
    files_among,
    is_directory,
    project_directory,
    project_names,
    read_declaration,
)
from homeport.model.errors import BadInput, NotPermitted

if TYPE_CHECKING:
    from pathlib import Path


def test_a_directory_of_no_project_is_its_own(tmp_path: Path) -> None:
    assert project_directory(str(tmp_path)) == str(tmp_path)
    assert project_names(str(tmp_path)) == (tmp_path.name, None)


def test_a_homeport_toml_in_a_home_counts_only_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "homeport.toml").touch()
    (tmp_path / "below").mkdir()
    assert project_directory(str(tmp_path)) == str(tmp_path)
    assert project_directory(str(tmp_path / "below")) == str(tmp_path / "below")


def test_reading(tmp_path: Path) -> None:
    path = tmp_path / "Procfile"
    assert read_declaration(str(path)) is None
    assert read_declaration(str(path / "below")) is None
    path.write_bytes(b"web: x\n" * 100_000)
    assert read_declaration(str(path)) == b"web: x\n" * 100_000
    assert read_declaration(str(path / "below")) is None
    assert read_declaration(str(tmp_path)) is None
    path.write_bytes(b"x" * (1 << 20))
    assert len(read_declaration(str(path)) or b"") == 1 << 20
    path.write_bytes(b"x" * ((1 << 20) + 1))
    with pytest.raises(BadInput, match="is too large"):
        read_declaration(str(path))


def test_what_could_wait_for_ever_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BadInput, match="pipe is no ordinary file"):
        read_declaration(str(tmp_path / "pipe"))
    (tmp_path / "device").symlink_to("/dev/zero")
    with pytest.raises(BadInput, match="device is no ordinary file"):
        read_declaration(str(tmp_path / "device"))


def test_what_cannot_be_opened_is_said(tmp_path: Path) -> None:
    (tmp_path / "round").symlink_to("round")
    with pytest.raises(NotPermitted) as caught:
        read_declaration(str(tmp_path / "round"))
    assert caught.value.why == "Too many levels of symbolic links"


def test_files_and_directories(tmp_path: Path) -> None:
    (tmp_path / "yarn.lock").touch()
    (tmp_path / "bun.lock").mkdir()
    assert files_among(str(tmp_path), ["bun.lock", "yarn.lock", "x"]) == ("yarn.lock",)
    assert is_directory(str(tmp_path / "bun.lock"))
    assert not is_directory(str(tmp_path / "yarn.lock"))
