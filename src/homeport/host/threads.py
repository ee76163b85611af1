"""In what the threads of a process wait: /proc/PID/task, as far as it may be read. Linux.

proc_pid_syscall(5) tells number and arguments of the system call that a thread is in, to whoever
may trace it; proc_pid_wchan(5) the function of the kernel in which it sleeps.
"""

from __future__ import annotations

import os
import platform

from homeport.model.record import NamedTuple

_MOST = 64
_NAMES = {
    "x86_64": {
        0: "read", 1: "write", 7: "poll", 20: "writev", 23: "select", 35: "nanosleep",
        42: "connect", 43: "accept", 44: "sendto", 45: "recvfrom", 46: "sendmsg", 47: "recvmsg",
        61: "wait4", 72: "fcntl", 73: "flock", 202: "futex", 230: "clock_nanosleep",
        232: "epoll_wait", 247: "waitid", 270: "pselect6", 271: "ppoll", 281: "epoll_pwait",
        288: "accept4", 441: "epoll_pwait2",
    },
    "aarch64": {
        22: "epoll_pwait", 25: "fcntl", 32: "flock", 63: "read", 64: "write", 66: "writev",
        72: "pselect6", 73: "ppoll", 95: "waitid", 98: "futex", 101: "nanosleep",
        115: "clock_nanosleep", 202: "accept", 203: "connect", 206: "sendto", 207: "recvfrom",
        211: "sendmsg", 212: "recvmsg", 242: "accept4", 260: "wait4", 441: "epoll_pwait2",
    },
}  # fmt: skip
_WITH_DESCRIPTOR = frozenset(
    {"read", "write", "writev", "connect", "accept", "accept4", "sendto", "sendmsg"}
    | {"recvfrom", "recvmsg", "flock", "fcntl"}
)


class ThreadWait(NamedTuple):
    """A thread that sleeps: in which system call, and on which file, as /proc/PID/fd names it.

    `call` is the kernel's function where the system call may not be seen.
    """

    pid: int
    thread: int
    call: str
    file: str | None = None

    @property
    def inode(self) -> int | None:
        """The inode of the socket that it waits for."""
        digits = (self.file or "").removeprefix("socket:[").removesuffix("]")
        return int(digits) if digits.isdigit() else None

    @property
    def is_loop(self) -> bool:
        """Whether it waits for whatever comes, as an event loop does, or for a connection."""
        return "poll" in self.call or "select" in self.call or "accept" in self.call


def thread_waits(pid: int, proc: str = "/proc") -> tuple[ThreadWait, ...]:
    """The threads of a process that sleep, the first one first; empty where it has ended."""
    try:
        threads = sorted(int(name) for name in os.listdir(f"{proc}/{pid}/task"))[:_MOST]
    except OSError:
        return ()
    found = [_wait(pid, thread, proc) for thread in threads]
    return tuple(each for each in found if each is not None)


def _wait(pid: int, thread: int, proc: str) -> ThreadWait | None:
    place = f"{proc}/{pid}/task/{thread}"
    words = _read(f"{place}/syscall").split()
    if words[:1] == ["running"]:
        return None
    number = int(words[0]) if words and words[0].isdigit() else None
    name = None if number is None else _NAMES.get(platform.machine(), {}).get(number)
    call = name or _read(f"{place}/wchan").strip("0")
    if not call:
        return None
    if name not in _WITH_DESCRIPTOR or len(words) < 2:
        return ThreadWait(pid, thread, call)
    try:
        return ThreadWait(pid, thread, call, os.readlink(f"{proc}/{pid}/fd/{int(words[1], 16)}"))
    except (OSError, ValueError):
        return ThreadWait(pid, thread, call)


def _read(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return file.read(4096).decode("ascii", "replace")
    except OSError:
        return ""
