"""A cgroup for one program: limits for all its processes together, and an end in one stroke.

Linux, cgroups(7) version 2. An ordinary user may make one only where the service manager has
delegated a part of the tree to them; whoever may not has a reason, and goes on without.
"""

from __future__ import annotations

import os
from contextlib import suppress

from homeport.model.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from homeport.model.service import Limits

_PREFIX = "homeport-"
_PERIOD_US = 100_000
_FILES = {
    "memory_bytes": "memory.max",
    "cpus": "cpu.max",
    "processes": "pids.max",
}
CONTROLLED = tuple(_FILES)
"""The fields of `Limits` that a cgroup can hold all processes together to."""


class Made(NamedTuple):
    """A cgroup (`path` in the file system, None where none can be made) and the limits it sets."""

    path: str | None
    limited: frozenset[str] = frozenset()


def make(pid: int, limits: Limits, proc: str = "/proc") -> Made:
    """A cgroup for the program of the shim `pid`, with as many of the limits as it can have."""
    wanted = {field for field in CONTROLLED if getattr(limits, field) is not None}
    best = Made(None)
    for parent in _parents(proc, beside=bool(wanted)):
        path = os.path.join(parent, f"{_PREFIX}{pid}")
        with suppress(OSError):
            os.mkdir(path, 0o755)
            limited = _set_limits(path, limits, wanted)
            if best.path is None or len(limited) > len(best.limited):
                remove(best.path)
                best = Made(path, limited)
            else:
                remove(path)
        if best.limited == wanted and best.path:
            break
    return best


def join(path: str) -> None:
    """Moves this process there. Raises `OSError`, which the one who starts a program tells."""
    _write(os.path.join(path, "cgroup.procs"), "0")


def kill(path: str) -> bool:
    """Kills all processes in it at once; False where the kernel cannot (before Linux 5.14)."""
    try:
        _write(os.path.join(path, "cgroup.kill"), "1")
    except OSError:
        return False
    return True


def was_over_memory(path: str | None) -> bool:
    """Whether the kernel has ended a process in it for want of memory (cgroup-v2.rst)."""
    events = _lines(os.path.join(path, "memory.events")) if path else []
    return any(line.startswith("oom_kill ") and line != "oom_kill 0" for line in events)


def remove(path: str | None) -> bool:
    """Removes it, with those that the program made in it; False while a process is in one."""
    if path is None:
        return True
    for below, _, _ in os.walk(path, topdown=False):
        with suppress(OSError):
            os.rmdir(below)
    return not os.path.isdir(path)


def sweep(proc: str = "/proc") -> int:
    """Removes empty ones of shims that are no more; how many."""
    removed = 0
    for parent in _parents(proc, beside=True):
        for name in _names(parent):
            number = name.removeprefix(_PREFIX)
            if number.isdigit() and not os.path.isdir(f"{proc}/{number}"):
                with suppress(OSError):
                    os.rmdir(os.path.join(parent, name))
                    removed += 1
    return removed


def _names(parent: str) -> list[str]:
    try:
        return [name for name in os.listdir(parent) if name.startswith(_PREFIX)]
    except OSError:
        return []


def _set_limits(path: str, limits: Limits, wanted: set[str]) -> frozenset[str]:
    limited = set()
    for field in wanted:
        value = getattr(limits, field)
        text = f"{int(value * _PERIOD_US)} {_PERIOD_US}" if field == "cpus" else str(value)
        with suppress(OSError):  # the controller is not given to this part of the tree
            _write(os.path.join(path, _FILES[field]), text)
            limited.add(field)
    return frozenset(limited)


def _parents(proc: str, *, beside: bool) -> Iterator[str]:
    """Below which cgroups one may be made: our own, and before that the one above it.

    A cgroup with processes in it cannot give controllers to those below (cgroups(7), "no internal
    processes"): limits are only to be had beside it. Its owner may delegate; we never ask root's
    rights of a part that belongs to somebody else.
    """
    mount, own = _mount(proc), _own(proc)
    if mount is None or own is None or ".." in own.split("/"):
        return
    here = mount + own.rstrip("/")
    above = here.rpartition("/")[0]
    if beside and own.strip("/") and os.path.exists(os.path.join(above, "cgroup.procs")):
        yield above
    yield here


def _own(proc: str) -> str | None:
    for line in _lines(f"{proc}/self/cgroup"):
        if line.startswith("0::"):
            return line[3:]
    return None


def _mount(proc: str) -> str | None:
    """Where the whole hierarchy of version 2 is mounted (proc_pid_mountinfo(5))."""
    for line in _lines(f"{proc}/self/mountinfo"):
        before, _, after = line.partition(" - ")
        fields = before.split()
        if after.startswith("cgroup2 ") and len(fields) > 4 and fields[3] == "/":
            return fields[4]
    return None


def _lines(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(1 << 20).splitlines()
    except OSError:
        return []


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(descriptor, text.encode("ascii"))
    finally:
        os.close(descriptor)
