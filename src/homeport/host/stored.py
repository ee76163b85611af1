"""Files and directories of Homeport's own, as a whole: whether they are there, and their end."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress

from homeport.model.errors import StateUnusable


def exists(path: str) -> bool:
    """Whether anything is there, be it a link that leads nowhere."""
    return os.path.lexists(path)


def signature(path: str) -> tuple[int, int, int] | None:
    """What differs once a file was replaced; None where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def is_gone(path: str) -> bool | None:
    """Whether nothing is there; None where this user may not look."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return None
    return False


def mount_point_of(path: str) -> str:
    """Where the file system is mounted that has a path, or would have it."""
    while not os.path.ismount(path) and path != os.path.dirname(path):
        path = os.path.dirname(path)
    return path


def size_of(path: str) -> int:
    """The bytes that a directory takes on the disk with all that is in it."""
    size = 0
    for directory, _, names in os.walk(path):
        for each in (directory, *(os.path.join(directory, name) for name in names)):
            with suppress(OSError):
                size += os.lstat(each).st_blocks * 512  # stat(2): whatever a block of the disk is
    return size


def move(path: str, to: str) -> None:
    """Gives a file or directory another place in the same file system. Raises StateUnusable."""
    try:
        os.rename(path, to)
    except OSError as error:
        raise StateUnusable(f"cannot move {path} to {to}", why=error.strerror) from error


def remove_tree(path: str) -> bool:
    """Deletes a directory with all that is in it, following no link; whether there was one.

    Raises StateUnusable where something cannot be deleted.
    """
    try:
        if os.path.islink(path):
            os.unlink(path)
        else:
            shutil.rmtree(path)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise StateUnusable(f"cannot remove {error.filename}", why=error.strerror) from error
    return True


def keep_newest(directory: str, most: int) -> None:
    """Deletes the files of a directory that were written longest ago, down to so many."""
    try:
        if len(os.listdir(directory)) <= most:  # a tenth of the time of asking for their ages
            return
        entries = list(os.scandir(directory))
        entries.sort(key=lambda each: each.stat(follow_symlinks=False).st_mtime_ns)
        for entry in entries[:-most]:
            os.unlink(entry.path)
    except OSError:
        return  # another process deletes, too


def remove_file(path: str) -> None:
    """Deletes a file, as far as it is there. Raises StateUnusable."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return
    except OSError as error:
        raise StateUnusable(f"cannot remove {path}", why=error.strerror) from error
