from __future__ import annotations

import errno
import os
import threading
from typing import TYPE_CHECKING

import pytest

from homeport.host.clock import MILLISECOND_NS
from homeport.host.locking import locked, try_lock
from homeport.model.errors import StateUnusable

if TYPE_CHECKING:
    from pathlib import Path


def test_one_at_a_time(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    inside: list[int] = []

    def work() -> None:
        with locked(path):
            inside.append(1)
            assert len(inside) == 1
            inside.pop()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not inside


def test_whoever_waits_is_told_in_time(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    with (
        locked(path),
        pytest.raises(StateUnusable, match="another process holds"),
        locked(path, timeout_ns=20 * MILLISECOND_NS),
    ):
        pass
    with locked(path, timeout_ns=0):
        pass


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StateUnusable, match="cannot lock"), locked(str(tmp_path / "lock")):
        pass
    assert not os.path.lexists(tmp_path / "elsewhere")


def test_a_lock_is_had_at_once_or_not_at_all(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    held = try_lock(path)
    assert held is not None
    assert try_lock(path) is None
    os.close(held)
    with locked(path):
        assert try_lock(path) is None


def test_a_file_system_without_locks_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(descriptor: int, how: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("homeport.host.locking.fcntl.flock", refuse)
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(StateUnusable, match="No locks available"):
        try_lock(str(tmp_path / "lock"))
    assert len(os.listdir("/proc/self/fd")) == before
