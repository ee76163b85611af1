"""The stores of authorities that other programs read: what lies there, and changing it.

A store's own file in `run.trust` knows what is to be done; here it is done, step by step.
"""

from __future__ import annotations

import glob
import os
import tempfile
from contextlib import suppress

from homeport.host.running import run
from homeport.model.errors import HomeportError, NotPermitted, NotSupported, StateUnusable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.trust import Deed

_LARGEST = 1 << 22
_FOR_ALL = 0o644


def home() -> str:
    """The home directory of the user, as browsers find it: by HOME.

    `sudo` may keep that of another user: root must not leave its files there.
    """
    named = os.path.expanduser("~")
    with suppress(OSError):
        if os.stat(named).st_uid == os.geteuid():
            return named
    import pwd

    with suppress(KeyError):
        return pwd.getpwuid(os.geteuid()).pw_dir
    return named


def data_home() -> str:
    """$XDG_DATA_HOME, or ~/.local/share."""
    named = os.environ.get("XDG_DATA_HOME", "")
    # Where it is not made yet nothing lies there, whosever it will be.
    is_own = named.startswith("/") and not (os.path.exists(named) and _is_another_users(named))
    return named if is_own else os.path.join(home(), ".local/share")


def _is_another_users(path: str) -> bool:
    return os.stat(path).st_uid != os.geteuid()


def directories(*patterns: str) -> list[str]:
    """The directories that match one of the patterns below the home directory, each once."""
    paths = (path for each in patterns for path in sorted(glob.glob(os.path.join(home(), each))))
    by_identity = {os.path.realpath(path): path for path in paths if os.path.isdir(path)}
    return list(by_identity.values())


def is_directory(path: str) -> bool:
    """Whether there is a directory."""
    return os.path.isdir(path)


def is_empty_directory(path: str) -> bool:
    """Whether there is a directory with nothing in it."""
    try:
        with os.scandir(path) as found:
            return next(found, None) is None
    except OSError:
        return False


def is_file(path: str) -> bool:
    """Whether there is a file."""
    return os.path.isfile(path)


def is_writable(path: str) -> bool:
    """Whether this user may change what is in a directory."""
    return os.access(path, os.W_OK | os.X_OK)


def content(path: str) -> bytes | None:
    """The bytes of a file, which anybody may have written; None where it cannot be read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            return file.read(_LARGEST)
    except OSError:
        return None


def carry_out(deed: Deed) -> None:
    """Does one step; raises `HomeportError` where that is not possible."""
    if deed.argv:
        _run(deed.argv)
    elif deed.directory:
        _make_directory(deed.path)
    elif deed.source is None:
        _remove(deed.path, deed.up)
    else:
        _copy(deed.source, deed.path)


def _run(argv: tuple[str, ...]) -> None:
    done = run(argv)
    if done.status != 0:
        lines = done.output.strip().splitlines()
        told = lines[-1] if lines else f"it ended with status {done.status}"
        raise NotSupported(f"{os.path.basename(argv[0])} failed", why=told)


def _remove(path: str, up: int) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass  # whoever removed it did what was wanted
    except OSError as error:
        raise _refused(f"cannot remove {path}", error) from error
    for _ in range(up):
        path = os.path.dirname(path)
        with suppress(OSError):  # something else is in it
            os.rmdir(path)


def _copy(source: str, path: str) -> None:
    data = content(source)
    if data is None:
        raise StateUnusable(f"cannot read {source}")
    directory, name = os.path.split(path)
    try:
        # Another name until it is whole: update-ca-certificates takes what ends in .crt.
        descriptor, draft = tempfile.mkstemp(dir=directory, prefix=f".{name}.")
        with open(descriptor, "wb") as file:
            os.fchmod(descriptor, _FOR_ALL)
            file.write(data)
        os.rename(draft, path)
    except OSError as error:
        raise _refused(f"cannot write {path}", error) from error


def _make_directory(path: str) -> None:
    try:
        os.makedirs(path, mode=0o700, exist_ok=True)
    except OSError as error:
        raise _refused(f"cannot make {path}", error) from error


def _refused(what: str, error: OSError) -> HomeportError:
    kind = NotPermitted if isinstance(error, PermissionError) else StateUnusable
    return kind(what, why=error.strerror)


def environment() -> dict[str, str]:
    """The environment of this process."""
    return dict(os.environ)
