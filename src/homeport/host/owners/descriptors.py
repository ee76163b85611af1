"""The sockets among the descriptors of one process, read from the links in /proc/PID/fd.

A link costs 4 µs, of which three quarters are the kernel's: `stat` instead of `readlink`, `map`
and `partial` instead of a loop measured the same. Three things help: short names below an open
directory (8 %), guessing the names instead of listing them (10 %), and bytes instead of text (4 %).
"""

from __future__ import annotations

import errno
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

GONE = (FileNotFoundError, ProcessLookupError)
"""What reading from /proc/PID raises when the process has ended."""

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_PREFIX = b"socket:["
_KERNEL_THREAD = 0x0020_0000  # PF_KTHREAD, include/linux/sched.h
_NAMES: list[bytes] = []  # 10 ns to look one up, 100 to make it
# Closed meanwhile, or the path of an open file is longer than a page.
_NO_LINK = (errno.ENOENT, errno.ENAMETOOLONG)
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
        links = _guessed(directory, count) if count and count >= _GUESS_FROM else []
        links += _listed(directory, len(links))
    finally:
        os.close(directory)
    return [int(link[8:-1]) for link in links if link.startswith(_PREFIX)]


def _guessed(directory: int, count: int) -> list[bytes]:
    """The links of 0, 1, 2, ... as far as that goes with few gaps; a gap is empty.

    Every number below the length of the answer has been asked for, so that a descriptor that
    stays open is not missed, whatever else the process opens and closes meanwhile.
    """
    readlink, links = os.readlink, list[bytes]()
    for gaps in range(4 + count // 8):
        rest = _names(len(links), count + gaps)
        try:
            # What was read before a gap stays in the list.
            links.extend(readlink(name, dir_fd=directory) for name in rest)
            break
        except OSError as error:
            if error.errno not in _NO_LINK:
                raise
            links.append(b"")
    return links


def _names(first: int, end: int) -> list[bytes]:
    _NAMES.extend(b"%d" % number for number in range(len(_NAMES), end))
    return _NAMES[first:end]


def _listed(directory: int, first: int) -> Iterator[bytes]:
    """The links of all descriptors from this number on."""
    # Positions in this directory are descriptors plus two, for "." and "..".
    os.lseek(directory, first + 2, os.SEEK_SET)
    for name in os.listdir(directory):
        if int(name) >= first and (link := _link(name, directory)):
            yield link


def _link(name: str, directory: int) -> bytes:
    try:
        return os.readlink(name.encode(), dir_fd=directory)
    except OSError as error:
        if error.errno not in _NO_LINK:
            raise
        return b""
