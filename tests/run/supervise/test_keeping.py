"""What is kept of a directory goes with it, and nothing else does."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from homeport.host.locking import try_lock
from homeport.model.kept import Whereabouts
from homeport.run.supervise.instance import Instance, instance_of
from homeport.run.supervise.keeping import kept, note, remove_gone
from tests.support import need

if TYPE_CHECKING:
    from pathlib import Path

    from homeport.model.kept import Kept

DATA = bytes(100_000)


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, name in (("XDG_STATE_HOME", "state"), ("XDG_RUNTIME_DIR", "run")):
        (tmp_path / name).mkdir(mode=0o700)
        monkeypatch.setenv(variable, str(tmp_path / name))


def used(root: Path) -> Instance:
    """The instance of a new directory, with data of a service."""
    root.mkdir()
    instance = instance_of(str(root), "shop")
    note(instance)
    os.makedirs(instance.data_dir("db"))
    with open(os.path.join(instance.data_dir("db"), "table"), "wb") as file:
        file.write(DATA)
    return instance


def only() -> Kept:
    (found,) = kept()
    return found


def test_what_is_kept_goes_when_the_directory_is_gone(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    instance = used(root)
    found = only()
    assert (found.id, found.root, found.services) == (instance.id, str(root), ("db",))
    assert found.whereabouts is Whereabouts.HERE
    assert len(DATA) <= found.size < 2 * len(DATA)
    assert remove_gone([found]) == ()
    root.rmdir()
    assert only().whereabouts is Whereabouts.GONE
    assert remove_gone([only()]) == (found._replace(whereabouts=Whereabouts.GONE),)
    assert kept() == ()
    assert not os.path.exists(instance.state_dir)
    left = [name for _, _, names in os.walk(tmp_path / "state") for name in names]
    assert left == []


def test_what_came_back_stays(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    used(root)
    root.rmdir()
    found = only()
    root.mkdir()
    assert remove_gone([found]) == ()
    assert only().services == ("db",)


def test_what_runs_stays(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    instance = used(root)
    root.rmdir()
    lock = try_lock(instance.data_lock_path)
    assert lock is not None
    found = only()
    assert (found.whereabouts, found.is_running) == (Whereabouts.GONE, True)
    assert remove_gone([found]) == ()
    os.close(lock)
    assert not only().is_running


@pytest.mark.parametrize(
    "text",
    [None, b"", b"{", b"[]", b'{"version": 1}', b'{"version": 1, "root": 7, "mount_point": "/"}'],
)
def test_what_nobody_knows_the_directory_of_stays(tmp_path: Path, text: bytes | None) -> None:
    instance = used(tmp_path / "shop")
    (tmp_path / "shop").rmdir()
    path = os.path.join(instance.state_dir, "directory.json")
    if text is None:
        os.unlink(path)
    else:
        with open(path, "wb") as file:
            file.write(text)
    found = only()
    assert (found.root, found.whereabouts) == (None, Whereabouts.UNKNOWN)
    assert remove_gone([found]) == ()
    assert os.path.exists(instance.data_dir("db"))


def test_what_somebody_was_killed_over_goes_with_the_next(tmp_path: Path) -> None:
    left = tmp_path / "state" / "homeport" / "removed" / "shop-0"
    left.mkdir(parents=True)
    (left / "table").write_bytes(DATA)
    assert remove_gone([]) == ()
    assert not left.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="needs mount namespaces")
def test_what_is_on_a_disk_that_is_not_mounted_stays(tmp_path: Path) -> None:
    unshare = need("unshare", package="util-linux")
    disk = tmp_path / "disk"
    disk.mkdir()
    code = (
        "import sys\n"
        "from homeport.run.supervise.instance import instance_of\n"
        "from homeport.run.supervise.keeping import kept, note\n"
        "note(instance_of(sys.argv[1], 'shop'))\n"
        "print(kept()[0].whereabouts.value)"
    )
    script = 'mount -t tmpfs tmpfs "$1" && mkdir "$1/shop" && exec "$2" -c "$3" "$1/shop"'
    argv = [unshare, "-rm", "sh", "-c", script, "sh", str(disk), sys.executable, code]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    if "unshare failed" in done.stderr:
        pytest.skip(f"this user may not mount here: {done.stderr.strip()}")
    assert done.stdout == "here\n", done.stderr
    found = only()
    assert (found.root, found.whereabouts) == (f"{disk}/shop", Whereabouts.AWAY)
    assert remove_gone([found]) == ()
