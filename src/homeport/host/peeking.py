"""Looks into somebody's project: small files, and the names of directories; nothing is run.

Everything there is somebody else's: a file is read to a limit and only if it is a regular one, a
directory is listed to a limit, and what cannot be read is as good as missing.
"""

from __future__ import annotations

import os
import stat
from itertools import islice

_LARGEST = 1 << 18
_MOST_ENTRIES = 2000

_CAREFULLY = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


def text_of(path: str) -> str | None:
    """The beginning of a text file, at most 256 KiB; None where there is none to be read."""
    try:
        # Opening is what may set a device off, or wait for the writer of a named pipe.
        if not stat.S_ISREG(os.stat(path).st_mode):
            return None
        descriptor = os.open(path, _CAREFULLY)
    except (OSError, ValueError):
        return None
    try:
        regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
        data = os.read(descriptor, _LARGEST) if regular else None
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return None if data is None else data.decode("utf-8", errors="replace")


def is_file(path: str) -> bool:
    """Whether there is a regular file."""
    return os.path.isfile(path)


def is_directory(path: str) -> bool:
    """Whether there is a directory."""
    return os.path.isdir(path)


def directories_in(directory: str) -> tuple[str, ...]:
    """The names of the directories in one, in order; links to directories are left out."""
    try:
        with os.scandir(directory) as entries:
            looked_at = islice(entries, _MOST_ENTRIES)
            return tuple(sorted(e.name for e in looked_at if e.is_dir(follow_symlinks=False)))
    except (OSError, ValueError):
        return ()
