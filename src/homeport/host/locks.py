"""Locks on files of our own, which live as long as any process has the descriptor (flock(2)).

A lease's lock is a file in a directory that nobody else may write; a child that inherits the
descriptor shares the lock, and when the last holder is gone, killed or not, the kernel frees it.
What else somebody put into the directory (a link, a pipe, another user's file) is removed: the
name in a directory of ours is ours.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from contextlib import suppress

from homeport.host.files import leases_dir, make_private, runtime_dir
from homeport.host.netns import current_inode
from homeport.model.errors import StateUnusable
from homeport.wire.lease_record import LONGEST, LeaseRecord, format_record, parse_record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from homeport.model.lease import LeaseKey

_FLAGS = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_AT_ONCE = fcntl.LOCK_EX | fcntl.LOCK_NB
_ATTEMPTS = 50
_ODD = (errno.ELOOP, errno.EISDIR, errno.EACCES, errno.EPERM, errno.ENXIO, errno.ENODEV)


class LockDirectory:
    """The locks of one network namespace: ports of another one are other ports."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._descriptor = _opened(path)

    def take(self, name: str, key: LeaseKey | None = None) -> int | None:
        """The descriptor of a lock that is ours now; None where another process has it.

        Raises `StateUnusable`.
        """
        for _ in range(_ATTEMPTS):
            descriptor = self._open(name)
            if descriptor is None:
                continue
            try:
                fcntl.flock(descriptor, _AT_ONCE)
                found = os.fstat(descriptor)
            except BlockingIOError:
                os.close(descriptor)
                return None
            except OSError as error:
                os.close(descriptor)
                raise self._unusable(name, error) from error
            if found.st_nlink == 1 and stat.S_ISREG(found.st_mode):
                _record(descriptor, found.st_size, os.getpid(), key)
                return descriptor
            self._discard(name, descriptor, found)
        raise StateUnusable(f"cannot lock {self.path}/{name}", next_step=f"remove {self.path}")

    def held(self) -> Iterator[tuple[str, LeaseRecord]]:
        """The locks that somebody has; the files of all others are removed on the way."""
        for name in sorted(os.listdir(self._descriptor)):
            descriptor = self._open_existing(name)
            if descriptor is None:
                continue
            try:
                fcntl.flock(descriptor, _AT_ONCE)
            except BlockingIOError:
                yield name, parse_record(os.pread(descriptor, LONGEST, 0))
            else:
                # Under the lock: who opened it before finds no link to it, and starts again.
                self._remove(name)
            finally:
                os.close(descriptor)

    def holder(self, name: str) -> LeaseRecord | None:
        """What the one who has a lock wrote about it; None where nobody has it."""
        descriptor = self._open_existing(name)
        if descriptor is None:
            return None
        try:
            fcntl.flock(descriptor, _AT_ONCE)
        except BlockingIOError:
            return parse_record(os.pread(descriptor, LONGEST, 0))
        finally:
            os.close(descriptor)
        return None

    def is_holder(self, pid: int, name: str) -> bool:
        """Whether a process has the lock's file open; proc(5)."""
        wanted, listing = os.path.realpath(f"{self.path}/{name}"), f"/proc/{pid}/fd"
        try:
            return any(_link(f"{listing}/{each}") == wanted for each in os.listdir(listing))
        except OSError:
            return False

    def _open(self, name: str) -> int | None:
        """A descriptor; None where something stood in the way that is now gone."""
        try:
            return os.open(name, _FLAGS, 0o600, dir_fd=self._descriptor)
        except FileNotFoundError:
            # The whole directory was removed: `rm -r`, or a session that ended and came back.
            os.close(self._descriptor)
            self._descriptor = _opened(self.path)
        except OSError as error:
            if error.errno not in _ODD or not self._remove(name):
                raise self._unusable(name, error) from error
        return None

    def _open_existing(self, name: str) -> int | None:
        with suppress(OSError):
            descriptor = os.open(name, _FLAGS & ~os.O_CREAT, dir_fd=self._descriptor)
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                return descriptor
            os.close(descriptor)
        return None

    def _discard(self, name: str, descriptor: int, found: os.stat_result) -> None:
        if found.st_nlink:
            self._remove(name)
        os.close(descriptor)

    def _remove(self, name: str) -> bool:
        try:
            os.unlink(name, dir_fd=self._descriptor)
        except FileNotFoundError:
            return True
        except OSError:
            return False
        return True

    def _unusable(self, name: str, error: OSError) -> StateUnusable:
        step = f"remove {self.path}/{name}" if error.errno in _ODD else None
        return StateUnusable(f"cannot lock {self.path}/{name}", why=error.strerror, next_step=step)


_known: dict[tuple[str | None, int], LockDirectory] = {}


def lease_files() -> frozenset[str]:
    """The names of the locks of leases, held or left over; nothing is made or removed."""
    try:
        return frozenset(os.listdir(_lease_path()))
    except OSError:
        return frozenset()


def known_leases(names: Iterable[str]) -> dict[str, LeaseRecord]:
    """What is written of those of these locks that somebody has; they must be `lease_files`."""
    directory = lease_locks()
    found = {name: directory.holder(name) for name in names}
    return {name: record for name, record in found.items() if record is not None}


def lease_locks() -> LockDirectory:
    """Where the leases of this user are locked. Raises `StateUnusable`."""
    # Looking where that is takes five times as long as a lock: done once for each place.
    place = (os.environ.get("XDG_RUNTIME_DIR"), os.geteuid())
    known = _known.get(place)
    if known is None:
        make_private(runtime_dir())
        path = _lease_path()
        make_private(os.path.dirname(path))
        known = _known[place] = LockDirectory(path)
    return known


def _lease_path() -> str:
    return os.path.join(leases_dir(), str(current_inode()))


def tell(descriptor: int, pid: int, key: LeaseKey | None) -> None:
    """Writes down that another process, which shares the lock, has it now."""
    _record(descriptor, os.fstat(descriptor).st_size, pid, key)


def let_go(*descriptors: int) -> None:
    """Closes descriptors: of a lock, or of what holds a port."""
    for descriptor in descriptors:
        os.close(descriptor)


def random_below(limit: int) -> int:
    """Where to begin a search that others do at the same time."""
    return int.from_bytes(os.urandom(4)) % limit


def _opened(path: str) -> int:
    try:
        return os.open(make_private(path), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise StateUnusable(f"cannot open {path}", why=error.strerror) from error


def _record(descriptor: int, size: int, pid: int, key: LeaseKey | None) -> None:
    # The lock counts; what is told about it may be lost on a full disk.
    with suppress(OSError):
        record = format_record(pid, key)
        # To shorten a file takes a disk 80 us; records without a key are all of one length.
        if size > len(record):
            os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, record, 0)


def _link(path: str) -> str | None:
    try:
        return os.readlink(path)
    except OSError:
        return None
