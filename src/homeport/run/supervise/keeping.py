"""What is kept of project directories between runs, and its end once a directory is gone.

Which directory something belongs to is noted whenever services are started in it. A directory on a
file system that is not mounted is not gone.
"""

from __future__ import annotations

import os
from contextlib import suppress

from homeport.host import files, stored
from homeport.host.locking import locked, try_lock
from homeport.model.errors import StateUnusable
from homeport.model.kept import Kept, Whereabouts
from homeport.run.supervise.instance import Instance

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_VERSION = 1
_NOTE = "directory.json"


def note(instance: Instance) -> None:
    """Notes whose data these are, and that they are used now.

    Where that cannot be written, they are never taken for those of a directory that is gone.
    """
    from json import dumps

    told = {
        "version": _VERSION,
        "root": instance.root,
        "mount_point": stored.mount_point_of(instance.root),
        "runtime_dir": files.runtime_dir(),
    }
    with suppress(StateUnusable):
        files.write_atomically(_note_of(instance.state_dir), dumps(told).encode())


def noted_runtime_dir(instance: Instance) -> str | None:
    """Where the supervisor that was started last is asked."""
    where = _read(instance.state_dir).get("runtime_dir")
    return where if isinstance(where, str) else None


def kept() -> tuple[Kept, ...]:
    """Everything that is kept for this user, in the order of the directories."""
    found = [_kept(name) for name in files.names_in(_all())]
    return tuple(sorted(found, key=lambda each: (each.root or "", each.id)))


def remove_gone(chosen: Sequence[Kept]) -> tuple[Kept, ...]:
    """Deletes what is kept of directories that are gone; those of which it was deleted.

    What came back or runs meanwhile stays. Raises `StateUnusable` where something cannot be
    deleted.
    """
    with locked(os.path.join(files.runtime_dir(), "prune.lock")):
        grave = os.path.join(files.state_dir(), "removed")
        stored.remove_tree(grave)  # whoever was killed over it wanted that
        files.make_private(grave)
        # At once for everybody else, however long it takes to delete.
        removed = tuple(each for each in chosen if _moved(each, grave))
        stored.remove_tree(grave)
        return removed


def _moved(each: Kept, grave: str) -> bool:
    """Whether it was still to be removed, and lies in the grave now."""
    instance = Instance(each.root or "", each.id)
    lock = try_lock(instance.data_lock_path)
    if lock is None:
        return False
    try:
        if _whereabouts(instance.state_dir)[1] is not Whereabouts.GONE:
            return False
        stored.move(instance.state_dir, os.path.join(grave, each.id))
    finally:
        os.close(lock)
    return True


def _all() -> str:
    return os.path.join(files.state_dir(), "projects")


def _note_of(state_dir: str) -> str:
    return os.path.join(state_dir, _NOTE)


def _kept(name: str) -> Kept:
    directory = os.path.join(_all(), name)
    root, whereabouts = _whereabouts(directory)
    written = stored.signature(_note_of(directory))
    return Kept(
        name,
        root,
        whereabouts,
        tuple(files.names_in(os.path.join(directory, "data"))),
        stored.size_of(directory),
        None if written is None else written[1],
        _is_running(Instance(root or "", name)),
    )


def _is_running(instance: Instance) -> bool:
    if not files.exists(instance.data_lock_path):
        return False
    try:
        lock = try_lock(instance.data_lock_path)
    except StateUnusable:
        return True  # nobody can tell
    if lock is not None:
        os.close(lock)
    return lock is None


def _whereabouts(state_dir: str) -> tuple[str | None, Whereabouts]:
    root, mount_point = _noted(state_dir)
    is_gone = None if root is None else stored.is_gone(root)
    if root is None or is_gone is None:
        return root, Whereabouts.UNKNOWN
    if not is_gone:
        return root, Whereabouts.HERE
    away = stored.mount_point_of(root) != mount_point
    return root, Whereabouts.AWAY if away else Whereabouts.GONE


def _noted(state_dir: str) -> tuple[str | None, str | None]:
    told = _read(state_dir)
    root, mount_point = told.get("root"), told.get("mount_point")
    if not isinstance(root, str) or not isinstance(mount_point, str):
        return None, None
    both_absolute = root.startswith("/") and mount_point.startswith("/")
    return (root, mount_point) if both_absolute else (None, None)


def _read(state_dir: str) -> dict[str, object]:
    from json import loads

    try:
        told = loads(files.read_private(_note_of(state_dir), limit=1 << 16) or b"{}")
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) and told.get("version") == _VERSION else {}
