"""Files of our own: where they lie, who may have written them, whole or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from homeport.host.files import (
    cache_dir,
    make_private,
    read_private,
    runtime_dir,
    state_dir,
    write_atomically,
    write_for_somebody,
)
from homeport.model.errors import StateUnusable

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("variable", "place"),
    [
        ("XDG_STATE_HOME", state_dir),
        ("XDG_CACHE_HOME", cache_dir),
        ("XDG_RUNTIME_DIR", runtime_dir),
    ],
)
def test_the_environment_says_where(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str, place: object
) -> None:
    monkeypatch.setenv(variable, str(tmp_path))
    assert callable(place)
    assert place() == f"{tmp_path}/homeport"


@pytest.mark.parametrize("named", ["", "relative/path"])
def test_what_is_no_absolute_path_is_ignored(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, named: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for variable in ("XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(variable, named)
    assert state_dir() == f"{tmp_path}/.local/state/homeport"
    assert cache_dir() == f"{tmp_path}/.cache/homeport"


def test_without_a_runtime_directory_there_is_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    assert runtime_dir() == ("/run/homeport" if os.geteuid() == 0 else cache_dir())


@pytest.mark.root
@pytest.mark.parametrize("home", [None, "relative"])
def test_who_has_no_home_gets_no_directory_where_he_stands(home: str | None) -> None:
    script = """
import os
from homeport.host.files import cache_dir, state_dir
os.setuid(54321)  # nobody's: the user database knows no home
print(state_dir(), cache_dir())
"""
    environment = {} if home is None else {"HOME": home}
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONDONTWRITEBYTECODE": "1", **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "/.local/state/homeport /.cache/homeport\n"


@pytest.mark.root
def test_directories_of_another_user_are_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # As after `sudo -E`: root must not leave files where the user keeps his.
    os.chown(tmp_path, 65534, 65534)
    for variable in ("XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR", "HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    for place in (state_dir, cache_dir, runtime_dir):
        assert not place().startswith(str(tmp_path))


def test_a_file_for_somebody_is_theirs_alone(tmp_path: Path) -> None:
    path = tmp_path / "report"
    path.write_text("old")
    path.chmod(0o644)
    write_for_somebody(str(path), "new ü")
    assert path.read_text() == "new ü"
    assert path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == ["report"]
    write_for_somebody(os.devnull, "gone")
    assert not os.path.isfile(os.devnull)
    code = "from homeport.host.files import write_for_somebody as w; w('/dev/stdout', 'seen')"
    assert subprocess.check_output([sys.executable, "-c", code]) == b"seen"
    assert os.path.islink("/dev/stdout")
    target = tmp_path / "target"
    target.write_text("precious")
    (tmp_path / "link").symlink_to(target)
    with pytest.raises(StateUnusable, match="it is a link"):
        write_for_somebody(str(tmp_path / "link"), "new")
    assert target.read_text() == "precious"


def test_what_is_written_is_read_again_and_private(tmp_path: Path) -> None:
    path = tmp_path / "below" / "file"
    write_atomically(str(path), b"one")
    write_atomically(str(path), b"two", durable=True)
    assert read_private(str(path)) == b"two"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert os.listdir(path.parent) == ["file"]


def test_a_file_that_is_not_there_is_none(tmp_path: Path) -> None:
    assert read_private(str(tmp_path / "missing")) is None
    assert read_private(str(tmp_path / "no directory" / "missing")) is None


def test_a_file_that_is_too_long_is_none(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    assert read_private(str(path), limit=4) is None
    assert read_private(str(path), limit=5) == b"12345"


def test_what_others_could_have_written_is_none(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x")
    for mode in (0o620, 0o602):
        path.chmod(mode)
        assert read_private(str(path)) is None
    path.chmod(0o600)
    tmp_path.chmod(0o777)
    assert read_private(str(path)) is None


def test_links_pipes_and_directories_are_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "link").symlink_to("file")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "directory").mkdir()
    for name in ("link", "pipe", "directory"):
        assert read_private(str(tmp_path / name)) is None


def test_a_directory_open_to_others_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    with pytest.raises(StateUnusable, match="not safe"):
        write_atomically(str(tmp_path / "file"), b"x")
    assert os.listdir(tmp_path) == []


def test_a_link_in_place_of_the_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to("real")
    with pytest.raises(StateUnusable, match="not safe"):
        make_private(str(tmp_path / "link"))


def test_a_file_in_place_of_the_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StateUnusable) as refused:
        make_private(str(tmp_path / "file" / "homeport"))
    assert refused.value.why


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(StateUnusable, match="taken"):
        write_atomically(str(tmp_path / "taken"), b"new")
    assert os.listdir(tmp_path) == ["taken"]
