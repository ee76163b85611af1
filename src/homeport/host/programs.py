"""Which programs this machine has: found on PATH or in a project, never started.

A program is a regular file that this user may execute. What lies in a project is preferred to what
the machine has, as a developer's shell with an active environment does.
"""

from __future__ import annotations

import os
import stat
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

IN_PROJECT = (".venv/bin", "venv/bin", "node_modules/.bin")
"""Where the tools of ecosystems put a project's own programs."""

_SYSTEM = "/usr/local/sbin:/usr/sbin:/sbin"
"""Servers lie here, where an ordinary user's PATH does not lead."""


def is_program(path: str) -> bool:
    """Whether this is a file that may be executed."""
    try:
        return stat.S_ISREG(os.stat(path).st_mode) and os.access(path, os.X_OK)
    except (OSError, ValueError):
        return False


def in_path(name: str, *, also: Iterable[str] = ()) -> str | None:
    """The path of a program on PATH, or in one of the further directories; None without."""
    directories = [*_path_of_the_user(), *also, *_SYSTEM.split(":")]
    return _first(f"{directory}/{name}" for directory in directories)


def in_project(name: str, directory: str, root: str) -> str | None:
    """The path of a program that a project has of its own; the nearest to the directory wins."""
    return _first(f"{place}/{name}" for place in own_directories(directory, root))


def own_directories(directory: str, root: str) -> Iterator[str]:
    """Where a project's own programs lie, from a directory of it up to its root."""
    for place in upward(directory, root):
        for inside in IN_PROJECT:
            if os.path.isdir(found := f"{place}/{inside}"):
                yield found


def upward(directory: str, root: str) -> Iterator[str]:
    """A directory and those above it up to the root; the directory alone where it lies outside."""
    directory, root = os.path.normpath(directory), os.path.normpath(root)
    yield directory
    while directory != root and directory.startswith(root.rstrip("/") + "/"):
        directory = os.path.dirname(directory)
        yield directory


def search_path(first: Iterable[str]) -> str:
    """The PATH of this process, with other directories before it."""
    return ":".join(dict.fromkeys([*first, *_path_of_the_user()]))


def variable(name: str) -> str | None:
    """A variable of the environment in which services are started."""
    return os.environ.get(name)


def this_python() -> str:
    """The interpreter that runs Homeport, which has what Homeport needs."""
    return sys.executable


def _path_of_the_user() -> list[str]:
    # An empty or relative part means the working directory: a project could pose as a program.
    named = os.environ.get("PATH", os.defpath).split(":")
    return [directory for directory in named if directory.startswith("/")]


def _first(paths: Iterable[str]) -> str | None:
    return next((path for path in paths if is_program(path)), None)
