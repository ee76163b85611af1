"""Remembers which process holds which sockets, and asks again only those that may have changed.

A descriptor table changes only while its process runs (system calls, SCM_RIGHTS on receipt,
exec): so a process whose time on the processor has not grown since, and which has as many
descriptors as before, holds what it held. That is proof and not likelihood, for 17 µs a process
instead of 4 µs a descriptor. A new process, also one with an old pid, has a new inode in /proc.

The exception is a table that two processes share (clone(2), CLONE_FILES without CLONE_THREAD): one
of them may exchange a descriptor for another in the name of the other, which sleeps.
"""

from __future__ import annotations

import os
import struct
import time
from array import array
from functools import partial
from itertools import chain
from zlib import crc32

from homeport.host.files import read_private, runtime_dir, write_atomically
from homeport.host.owners.descriptors import sockets_of, thread_count, threads
from homeport.model.errors import HomeportError
from homeport.model.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TypeAlias

_MAGIC = b"homeport owner 1"
# Magic, checksum, boot and pid namespace, processes, sockets.
_HEADER = struct.Struct("=16sI4x24sQQ")
_FIELDS = 6
# The kernel accounts for running time at least that often (a tick is 1 to 10 ms), but not at each
# moment: of what was remembered just now, a process must also be seen asleep.
_SETTLED_NS = 20_000_000
# Reading links costs less than making sure, below that.
_FEWEST_DESCRIPTORS = 6
_DESCRIPTORS_PER_THREAD = 4
_SLEEPING = (b"S", b"D", b"I", b"T", b"t", b"Z")  # proc_pid_stat(5)


class Entry(NamedTuple):
    """What is remembered of a process.

    `table` is the inode of /proc/PID/fd, `descriptors` their number, `ran` how long and how often
    its threads had run at `seen_ns` (nanoseconds since boot), just before its links were read.
    """

    table: int
    descriptors: int
    ran: int
    seen_ns: int
    sockets: array[int]


Memory: TypeAlias = dict[int, Entry]
"""What is remembered of all processes, by pid."""


class Remembering:
    """A way to look into processes (see `scan.look_into`) that knows some of the answers.

    `entries` is what to remember next; of its `descriptors` so many were `read` anew. Where some
    processors are `tickless`, a process that keeps running may not be accounted for in time: then
    only one that sleeps is taken to have settled.
    """

    def __init__(
        self,
        memory: Memory,
        *,
        counted: bool,
        clock: Callable[[], int] | None = None,
        tickless: bool = False,
    ) -> None:
        self.entries: Memory = {}
        self.descriptors: int = 0
        self.read: int = 0
        self._known = memory
        self._counted = counted
        self._now_ns = clock or now_ns
        self._tickless = tickless

    def __call__(self, pid: int, path: str, status: os.stat_result) -> Sequence[int]:
        """The sockets of one process; raises OSError like `descriptors.sockets_of`."""
        size = status.st_size
        count = size if self._counted else None
        if count is not None and count < _FEWEST_DESCRIPTORS:
            return sockets_of(path, count)
        known = self._known.get(pid)
        quiet = known is not None and self._is_settled(known, path)
        # Before reading the links: what changes meanwhile is noticed the next time.
        ran = _ran(path, count)
        if quiet and ran and known is not None and known[:3] == (status.st_ino, size, ran):
            self._remember(pid, known)
            return known.sockets
        seen_ns = self._now_ns()
        held = array("Q", sockets_of(path, count))
        if ran:
            self._remember(pid, Entry(status.st_ino, size, ran, seen_ns, held))
            self.read += size or len(held)
        return held

    def _is_settled(self, known: Entry, path: str) -> bool:
        long_ago = self._now_ns() - known.seen_ns >= _SETTLED_NS
        return (long_ago and not self._tickless) or _asleep(path)

    def _remember(self, pid: int, entry: Entry) -> None:
        self.entries[pid] = entry
        self.descriptors += entry.descriptors or len(entry.sockets)


def some_are_tickless(sysfs: str = "/sys") -> bool:
    """Whether processors may run a task without accounting for it (kernel parameter nohz_full)."""
    try:
        with open(f"{sysfs}/devices/system/cpu/nohz_full", "rb") as file:
            return file.read().strip() not in (b"", b"(null)")
    except OSError:
        return False


def _ran(path: str, count: int | None) -> int:
    """How long and how often the threads of a process have run, 0 when that is unknown.

    Also 0 when there are so many threads that reading the links costs less.
    """
    number = thread_count(path)
    if number == 1:
        return _runs(f"{path}/schedstat")
    if count is not None and number * _DESCRIPTORS_PER_THREAD > count:
        return 0
    each = [_runs(f"{thread}/schedstat") for thread in threads(path)]
    return sum(each) if all(each) else 0


def _runs(path: str) -> int:
    """Nanoseconds on the processor, and how often it was given to the thread, as one number."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        # A kernel that does not account for it, if the process has not just ended.
        return 0
    try:
        ran_ns, _, times = os.read(descriptor, 128).split()
    finally:
        os.close(descriptor)
    # Both only ever grow.
    return int(ran_ns) + int(times)


def _asleep(path: str) -> bool:
    """Whether no thread of the process is running or about to."""
    try:
        return all(_state(f"{thread}/stat") in _SLEEPING for thread in threads(path))
    except OSError:
        return False


def _state(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read(512).rpartition(b") ")[2][:1]


def remembered() -> Memory | None:
    """What an earlier search of this process, or of another of this user, has kept."""
    if _kept:
        return _kept[-1]
    return unpack(read_private(_path()) or b"", _here())


def keep(memory: Memory, *, changed: bool) -> None:
    """Remember for later searches; if it has changed enough also for other processes."""
    _kept[:] = [memory]
    if changed and (here := _here()):
        try:
            write_atomically(_path(), pack(memory, here))
        except HomeportError:
            # Then only this process knows; the next one reads all links.
            return


def forget() -> None:
    """Drop what this process remembers itself."""
    _kept.clear()


now_ns: Callable[[], int] = partial(time.clock_gettime_ns, time.CLOCK_BOOTTIME)
"""The clock of `Entry.seen_ns`."""


# Within one process the file need not be read again; at most one element.
_kept: list[Memory] = []


def _path() -> str:
    return os.path.join(runtime_dir(), "owners")


def _here() -> bytes:
    """This boot and this pid namespace: elsewhere the same numbers mean other processes.

    Empty, which no file begins with, where that is not told (a /proc of processes only).
    """
    try:
        with open("/proc/sys/kernel/random/boot_id", "rb") as file:
            boot = bytes.fromhex(file.read().decode().replace("-", ""))
    except OSError:
        return b""
    return boot + os.stat("/proc/self/ns/pid").st_ino.to_bytes(8, "little")


def pack(memory: Memory, here: bytes) -> bytes:
    """The memory as the bytes of its file."""
    rows = [(pid, *entry[:4], len(entry.sockets)) for pid, entry in memory.items()]
    table = array("Q", chain.from_iterable(rows))
    sockets = b"".join([entry.sockets for entry in memory.values()])
    body = table.tobytes() + sockets
    count = len(sockets) // table.itemsize
    return _HEADER.pack(_MAGIC, crc32(body), here, len(memory), count) + body


def unpack(data: bytes, here: bytes) -> Memory | None:
    """The memory from its file; None when it is damaged, or of another boot or namespace."""
    if len(data) < _HEADER.size:
        return None
    magic, checksum, where, processes, sockets = _HEADER.unpack_from(data)
    body = memoryview(data)[_HEADER.size :]
    if (magic, where, checksum) != (_MAGIC, here, crc32(body)):
        return None
    words = array("Q")
    if len(body) != words.itemsize * (_FIELDS * processes + sockets):
        return None
    words.frombytes(body)
    return dict(_entries(words, processes))


def _entries(words: array[int], processes: int) -> Iterator[tuple[int, Entry]]:
    at = _FIELDS * processes
    for first in range(0, at, _FIELDS):
        pid, table, count, ran, seen_ns, sockets = words[first : first + _FIELDS]
        yield pid, Entry(table, count, ran, seen_ns, words[at : at + sockets])
        at += sockets
