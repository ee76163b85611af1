"""The sockets among the descriptors of one process, read from the links in /proc/PID/fd.

A link costs 1.6 to 4 µs, four fifths of that in the kernel, which waits for memory: `stat` instead
of `readlink`, `map`, `partial` and a comprehension instead of a loop measured the same. What helps:
short names below an open directory (8 %), guessing the names instead of listing them (10 %), and
the gaps too (4 %), bytes instead of text (4 %), one cut through all links of a process (2 %).
"""

from __future__ import annotations

import errno
import os
from functools import lru_cache

GONE = (FileNotFoundError, ProcessLookupError)
"""What reading from /proc/PID raises when the process has ended."""

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_SOCKET = b"\0socket:["
_KERNEL_THREAD = 0x0020_0000  # PF_KTHREAD, include/linux/sched.h
# Closed meanwhile, or the path of an open file is longer than a page.
_NO_LINK = (errno.ENOENT, errno.ENAMETOOLONG)
_free_before: list[tuple[bytes, ...]] = [()]  # always one: see _still_free
_MOST_GAPS = 8
_GUESS_FROM = 16  # below that, listing all names costs less than listing what is left


def are_counted(proc: str = "/proc") -> bool:
    """Whether the size of /proc/PID/fd is the number of descriptors: Linux 6.2 and later."""
    # This process holds at least the descriptor of the directory while it looks.
    try:
        directory = os.open(f"{proc}/self/fd", _DIRECTORY)
    except OSError:
        return False
    try:
        return os.fstat(directory).st_size > 0
    finally:
        os.close(directory)


def sockets_of(path: str, count: int | None) -> list[int]:
    """Inodes of the sockets that a process holds, one for each descriptor.

    `path` is its directory, `count` how many descriptors it has (None: not known). Raises
    FileNotFoundError or ProcessLookupError when it has ended, another OSError when this user may
    not look.
    """
    held = sockets_in(f"{path}/fd", count) if count != 0 else []
    if not held and not count and thread_count(path) > 1:
        # The first thread has ended; the others still hold what was its.
        for thread in threads(path):
            held += sockets_in(f"{thread}/fd", None)
    return held


def sockets_of_strays(path: str, count: int) -> list[int]:
    """The sockets of threads with descriptors of their own: unshare(2) of CLONE_FILES.

    They are told by how many they have, which differs once one of the tables changes.
    """
    held: list[int] = []
    if thread_count(path) > 1:
        for thread in threads(path):
            own = os.stat(f"{thread}/fd").st_size
            if own not in (0, count):
                held += sockets_in(f"{thread}/fd", own)
    return held


def thread_count(path: str) -> int:
    """How many threads the process has, for the price of a stat."""
    # The link count of a directory: two, and one for each directory in it.
    return os.stat(f"{path}/task").st_nlink - 2


def threads(path: str) -> list[str]:
    """The directories of the threads of a process."""
    return [f"{path}/task/{thread}" for thread in os.listdir(f"{path}/task")]


def is_kernel_thread(path: str) -> bool:
    """Whether this is a thread of the kernel, which holds no descriptors."""
    with open(f"{path}/stat", "rb") as file:
        fields = file.read().rpartition(b")")[2].split()
    return bool(int(fields[6]) & _KERNEL_THREAD)


def sockets_in(path: str, count: int | None) -> list[int]:
    """The same as `sockets_of` for one descriptor directory."""
    directory = os.open(path, _DIRECTORY)
    try:
        links, end = _guessed(directory, count) if count and count >= _GUESS_FROM else ([], 0)
        # Positions in this directory are descriptors plus two, for "." and "..".
        os.lseek(directory, end + 2, os.SEEK_SET)
        if names := os.listdir(directory):
            links += [_link(name, directory) for name in names if int(name) >= end]
    finally:
        os.close(directory)
    # Cutting one text costs half of looking at each link; a NUL is in no path.
    texts = b"\0".join([b"", *links]).split(_SOCKET)
    del texts[0]
    return [int(text.partition(b"]")[0]) for text in texts]


def _guessed(directory: int, count: int) -> tuple[list[bytes], int]:
    """The links of 0, 1, 2, ... as far as that goes with few gaps, and the end: the next number.

    Every number below the end has been asked for, so that a descriptor that stays open is not
    missed, whatever else the process opens and closes meanwhile.
    """
    links: list[bytes] = []
    readlink, append = os.readlink, links.append
    free = _still_free(directory)
    names, end = _expected(free, count)
    try:
        for name in names:
            append(readlink(name, dir_fd=directory))
    except OSError as error:
        if error.errno not in _NO_LINK:
            raise
        return links, _beyond_gaps(directory, count, free, links)
    return links, end


def _beyond_gaps(directory: int, count: int, free: tuple[bytes, ...], links: list[bytes]) -> int:
    """Goes on with `links` after one that is missing; the end as in `_guessed`."""
    names, append = _names(free, _enough(count)), links.append
    gaps = [names[len(links)]]
    while len(gaps) < _most_gaps(count):
        try:
            for name in names[len(links) + len(gaps) : count + len(gaps)]:
                append(os.readlink(name, dir_fd=directory))
            break
        except OSError as error:
            if error.errno not in _NO_LINK:
                raise
            gaps.append(names[len(links) + len(gaps)])
    _remember_free((*free, *gaps), names[0], directory)
    return int(names[len(links) + len(gaps)])


def _still_free(directory: int) -> tuple[bytes, ...]:
    """The gaps of the last table that had some, if they are gaps of this one too.

    Siblings often have the same. To ask for what is not there costs 1 µs, to read its link 4 µs.
    """
    free, access = _free_before[0], os.access
    for name in free:
        if access(name, os.F_OK, dir_fd=directory, follow_symlinks=False):
            return ()
    return free


def _remember_free(gaps: tuple[bytes, ...], in_use: bytes, directory: int) -> None:
    # A sandbox that does not know faccessat2(2) would call everything free.
    can_tell = os.access(in_use, os.F_OK, dir_fd=directory, follow_symlinks=False)
    _free_before[:] = [gaps if can_tell and len(gaps) <= _MOST_GAPS else ()]


def _most_gaps(count: int) -> int:
    return 4 + count // 8


def _enough(count: int) -> int:
    """More numbers than are ever asked for, and the same for many counts."""
    return 1 << (count + _most_gaps(count) + _MOST_GAPS + 1).bit_length()


@lru_cache(maxsize=64)
def _expected(free: tuple[bytes, ...], count: int) -> tuple[list[bytes], int]:
    """The names of so many descriptors when only these are free, and the number after them."""
    names = _names(free, _enough(count))
    return names[:count], int(names[count])


@lru_cache(maxsize=16)
def _names(free: tuple[bytes, ...], end: int) -> list[bytes]:
    return [name for name in _numbers(end) if name not in free]


@lru_cache(maxsize=8)
def _numbers(end: int) -> list[bytes]:
    return [b"%d" % number for number in range(end)]


def _link(name: str, directory: int) -> bytes:
    try:
        return os.readlink(name.encode(), dir_fd=directory)
    except OSError as error:
        if error.errno not in _NO_LINK:
            raise
        return b""
