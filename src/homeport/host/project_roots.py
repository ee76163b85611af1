"""Where a project begins, what it is called, and the bytes of the files that say what it runs.

What these files hold is run: a file that cannot be read as a whole is an error, and one that
somebody else put above a directory does not count.
"""

from __future__ import annotations

import os
import stat

from homeport.host.projects import ProjectFinder
from homeport.model.errors import BadInput, HomeportError, NotPermitted
from homeport.wire.git import parse_gitfile, worktree_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_LARGEST = 1 << 20


def project_directory(directory: str) -> str:
    """Where the project of an absolute directory begins.

    That is the nearest homeport.toml upward, else the nearest marker of a project, else the
    directory itself. A homeport.toml above counts only in what can be a project, and only if it
    belongs to the user, to root, or to who owns the directory: it says what is run.
    """
    finder = ProjectFinder()
    owners = {0, os.geteuid(), _owner(directory)}
    place = directory
    while place not in ("", "/"):
        path = os.path.join(place, "homeport.toml")
        if os.path.isfile(path) and (place == directory or _counts(path, place, finder, owners)):
            return place
        place = os.path.dirname(place)
    project = finder.at(directory)
    return directory if project is None else project.root


def _counts(path: str, place: str, finder: ProjectFinder, owners: set[int | None]) -> bool:
    project = finder.at(place)
    return project is not None and project.root == place and _owner(path) in owners


def _owner(path: str) -> int | None:
    try:
        return os.stat(path).st_uid
    except OSError:
        return None


def project_names(root: str) -> tuple[str, str | None]:
    """What a project is called by its directory, and its branch in a linked git worktree.

    A worktree at the project's root is called like the directory of the main repository, so that
    all its worktrees are one project.
    """
    project = ProjectFinder().at(root)
    own = os.path.basename(root)
    if project is None or project.worktree is None:
        return own, None
    main = _main_repository(root)
    return main or own, project.branch or project.worktree


def _main_repository(root: str) -> str | None:
    """The name of the directory that a linked worktree belongs to, None where it is no worktree."""
    gitdir = parse_gitfile(_gitfile(root))
    if gitdir is None:
        return None
    directory = os.path.normpath(os.path.join(root, gitdir))
    if worktree_name(directory) is None:
        return None
    repository = os.path.dirname(os.path.dirname(directory))
    name = os.path.basename(repository)
    # A bare repository: `shop.git`, or `.bare` and the like beside its worktrees.
    if name.startswith("."):
        return os.path.basename(os.path.dirname(repository)) or None
    return name.removesuffix(".git")


def _gitfile(root: str) -> bytes:
    try:
        return read_declaration(os.path.join(root, ".git")) or b""
    except HomeportError:
        return b""


def read_declaration(path: str) -> bytes | None:
    """The bytes of a file that says what is run; None where there is none.

    Raises `NotPermitted` or `BadInput` where there is one that cannot be read as a whole.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise NotPermitted(f"{path} cannot be read", why=error.strerror) from error
    try:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(mode):
            return None  # an environment of Python's may be called .env
        if not stat.S_ISREG(mode):
            raise BadInput(f"{path} is no ordinary file", why="reading it could wait for ever")
        data = _read_up_to(descriptor, _LARGEST + 1)
    except OSError as error:
        raise NotPermitted(f"{path} cannot be read", why=error.strerror) from error
    finally:
        os.close(descriptor)
    if len(data) > _LARGEST:
        raise BadInput(f"{path} is too large", why=f"it has more than {_LARGEST} bytes")
    return data


def _read_up_to(descriptor: int, limit: int) -> bytes:
    chunks: list[bytes] = []
    while limit > 0 and (chunk := os.read(descriptor, limit)):
        chunks.append(chunk)
        limit -= len(chunk)
    return b"".join(chunks)


def files_among(directory: str, names: Iterable[str]) -> tuple[str, ...]:
    """Which of these names are files of the directory."""
    return tuple(name for name in names if os.path.isfile(os.path.join(directory, name)))


def is_directory(path: str) -> bool:
    """Whether there is a directory."""
    return os.path.isdir(path)
