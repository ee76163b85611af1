from __future__ import annotations

import os
from typing import TYPE_CHECKING

from homeport.host.stored import exists, keep_newest, remove_file, remove_tree, signature

if TYPE_CHECKING:
    from pathlib import Path


def test_the_newest_are_kept(tmp_path: Path) -> None:
    for number in range(10):
        path = tmp_path / str(number)
        path.touch()
        os.utime(path, (number, number))
    keep_newest(str(tmp_path), 3)
    assert sorted(os.listdir(tmp_path)) == ["7", "8", "9"]
    keep_newest(str(tmp_path / "missing"), 3)


def test_a_replaced_file_has_another_signature(tmp_path: Path) -> None:
    path, new = tmp_path / "file", tmp_path / "new"
    assert signature(str(path)) is None
    path.write_text("one")
    before = signature(str(path))
    new.write_text("two")
    new.rename(path)
    assert signature(str(path)) != before


def test_removing_follows_no_link(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "kept")
    assert exists(str(tmp_path / "link"))
    assert remove_tree(str(tmp_path / "link"))
    assert not exists(str(tmp_path / "link"))
    assert (tmp_path / "kept" / "file").exists()
    assert remove_tree(str(tmp_path / "kept"))
    assert not remove_tree(str(tmp_path / "kept"))
    remove_file(str(tmp_path / "missing"))
