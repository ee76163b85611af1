"""Where Homeport keeps its files, and how it writes them: private, whole, or not at all.

Directories follow the XDG base directory specification. What others could have put there is
never read: a file or directory of another user, or one that group or others may write, is as
good as missing.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress

from homeport.model.errors import StateUnusable

_NAME = "homeport"
_OUTPUTS = ("/dev/stdout", "/dev/stderr")


def _home() -> str:
    home = os.path.expanduser("~")
    if not home.startswith("/") or _another_users(home):
        # `sudo` may keep HOME: root must not leave its files among those of the user. And where
        # nobody knows a home, `~` or a relative one would be a directory in the working directory.
        import pwd

        with suppress(KeyError):
            return pwd.getpwuid(os.geteuid()).pw_dir
    return home if home.startswith("/") else "/"


def _named(variable: str) -> str | None:
    # The specification: a relative path is invalid and to be ignored.
    named = os.environ.get(variable, "")
    return named if named.startswith("/") and not _another_users(named) else None


def _another_users(path: str) -> bool:
    try:
        return os.stat(path).st_uid != os.geteuid()
    except OSError:
        return False


def _base(variable: str, below_home: str) -> str:
    return _named(variable) or os.path.join(_home(), below_home)


def state_dir() -> str:
    """Where history is kept: $XDG_STATE_HOME/homeport, or ~/.local/state/homeport."""
    return os.path.join(_base("XDG_STATE_HOME", ".local/state"), _NAME)


def cache_dir() -> str:
    """What can be made again at a cost: $XDG_CACHE_HOME/homeport, or ~/.cache/homeport."""
    return os.path.join(_base("XDG_CACHE_HOME", ".cache"), _NAME)


def runtime_dir() -> str:
    """What lives until the next boot: $XDG_RUNTIME_DIR/homeport, for root /run/homeport.

    Without either it is the cache directory: whoever keeps something there must be able to tell
    that the machine was started again.
    """
    if (named := _named("XDG_RUNTIME_DIR")) and os.path.isdir(named):
        return os.path.join(named, _NAME)
    if os.geteuid() == 0 and os.path.isdir("/run"):
        return os.path.join("/run", _NAME)
    return cache_dir()


def leases_dir() -> str:
    """Where the locks of leases are, a directory for each network namespace."""
    return os.path.join(runtime_dir(), "leases")


def exists(path: str) -> bool:
    """Whether there is anything of that name, be it a link that leads nowhere."""
    return os.path.lexists(path)


def names_in(directory: str) -> list[str]:
    """What a directory has, in order; nothing where there is none that can be read."""
    try:
        return sorted(os.listdir(directory))
    except OSError:
        return []


def _ours(found: os.stat_result) -> bool:
    return found.st_uid == os.geteuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def make_private(path: str) -> str:
    """Make the directory (mode 0700, parents as needed) and return its path.

    Raises StateUnusable where it cannot be made, or exists but is another user's, a link, or
    open to writers other than us.
    """
    try:
        _make_missing(path)
        found = os.lstat(path)
    except OSError as error:
        raise unusable(f"cannot make {path}", error) from error
    if not stat.S_ISDIR(found.st_mode) or not _ours(found):
        raise StateUnusable(
            f"{path} is not safe to use",
            why="it is a link, belongs to another user, or others may write to it",
            next_step=f"remove it, or: chown {os.geteuid()} {path}; chmod 700 {path}",
        )
    return path


def _make_missing(path: str) -> None:
    """The directory and its parents: os.makedirs leaves those open to others, by the umask."""
    missing = []
    while not os.path.isdir(path) and path not in missing:
        missing.append(path)
        path = os.path.dirname(path)
    for each in reversed(missing):
        with suppress(FileExistsError):
            os.mkdir(each, 0o700)


def read_private(path: str, *, limit: int = 1 << 26) -> bytes | None:
    """Bytes of a file that nobody but us could have written; None where there is no such file.

    At most `limit` bytes; a longer file counts as missing. Links are not followed in the last
    step, and the directory that holds the file has to be ours alone too.
    """
    try:
        if not _ours(os.lstat(os.path.dirname(path))):
            return None
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or not _ours(found) or found.st_size > limit:
            return None
        return _read_all(descriptor, found.st_size)
    except OSError:
        return None
    finally:
        os.close(descriptor)


def _read_all(descriptor: int, size: int) -> bytes:
    chunks: list[bytes] = []
    while size > 0 and (chunk := os.read(descriptor, size)):
        chunks.append(chunk)
        size -= len(chunk)
    return b"".join(chunks)


def write_atomically(path: str, data: bytes, *, durable: bool = False) -> None:
    """Replace the file by `data`, whole or not at all, mode 0600; its directory becomes private.

    Of several writers the last one wins. `durable` waits until the disk has it. Raises
    StateUnusable: no room, no right, or a directory that is not ours alone.
    """
    make_private(os.path.dirname(path))
    _replace(path, data, durable=durable)


def _replace(path: str, data: bytes, *, durable: bool) -> None:
    draft = f"{path}.{os.getpid()}.{os.urandom(4).hex()}"
    try:
        _write_new(draft, data, durable=durable)
        os.rename(draft, path)
    except OSError as error:
        _remove(draft)
        raise unusable(f"cannot write {path}", error) from error


def remove_drafts(path: str) -> None:
    """Deletes what writers of the file have left who were killed.

    Only for a file whose writers hold a lock: the draft of one that lives would go, too.
    """
    directory, name = os.path.split(path)
    with suppress(OSError):
        for found in os.listdir(directory):
            if found.startswith(f"{name}."):
                _remove(os.path.join(directory, found))


def write_for_somebody(path: str, text: str) -> None:
    """A file that a person asked for by name, readable by them only; an older one is replaced.

    A device or a FIFO is written to, /dev/stdout too. Another link is not followed: it may be one
    of a repository that somebody else has made. Raises StateUnusable.
    """
    data = text.encode("utf-8", "replace")
    try:
        kind = os.lstat(path).st_mode
    except OSError:
        kind = stat.S_IFREG  # to be made
    if path in _OUTPUTS:
        kind = stat.S_IFCHR
    if stat.S_ISLNK(kind):
        raise StateUnusable(
            f"cannot write {path}", why="it is a link", next_step="name the file itself"
        )
    if stat.S_ISREG(kind):
        _replace(path, data, durable=False)
        return
    try:
        with open(path, "wb") as file:
            file.write(data)
    except OSError as error:
        raise unusable(f"cannot write {path}", error) from error


def unusable(what: str, error: OSError) -> StateUnusable:
    """The error for a file that cannot be used; says what to do where the reason is known."""
    full = error.errno in {errno.ENOSPC, errno.EDQUOT}
    step = "make room on that disk: df shows how full each is" if full else None
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        step = "set HOME, XDG_STATE_HOME and XDG_RUNTIME_DIR to directories of your own"
    return StateUnusable(what, why=error.strerror, next_step=step)


def _write_new(path: str, data: bytes, *, durable: bool) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        if durable:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return
