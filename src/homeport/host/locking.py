"""One process at a time: a lock on a file, which the kernel gives back when its holder ends."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager

from homeport.host.clock import MILLISECOND_NS, SECOND_NS, Clock
from homeport.host.files import make_private
from homeport.model.errors import StateUnusable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator

_LOOK_AGAIN_NS = 5 * MILLISECOND_NS


@contextmanager
def locked(path: str, *, timeout_ns: int = 10 * SECOND_NS) -> Generator[None]:
    """Holds the lock of a file in a directory of our own for the length of the block.

    Raises `StateUnusable` where the file cannot be made, or another process holds the lock for
    longer than `timeout_ns`.
    """
    descriptor = _opened(path)
    try:
        _take(descriptor, path, timeout_ns)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, path: str, timeout_ns: int) -> None:
    # flock(2) waits without a limit or not at all.
    clock = Clock()
    deadline_ns = clock.monotonic_ns() + timeout_ns
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError as error:
            if clock.monotonic_ns() > deadline_ns:
                raise StateUnusable(
                    f"another process holds {path}",
                    why=f"it did not let go within {timeout_ns // SECOND_NS} s",
                    next_step=f"see who that is: fuser {path}",
                ) from error
            clock.wait((), _LOOK_AGAIN_NS)


def try_lock(path: str) -> int | None:
    """The lock of a file, if it can be had at once: a descriptor, which holds it until closed.

    Processes that inherit the descriptor hold the lock as well. Raises `StateUnusable` where the
    file cannot be made, or its file system knows no locks.
    """
    descriptor = _opened(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except OSError as error:
        os.close(descriptor)
        raise StateUnusable(f"cannot lock {path}", why=error.strerror) from error
    return descriptor


def _opened(path: str) -> int:
    make_private(os.path.dirname(path))
    try:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        return os.open(path, flags, 0o600)
    except OSError as error:
        raise StateUnusable(f"cannot lock {path}", why=error.strerror) from error
