"""Finds sockets by looking into processes one after the other: always possible, never cheap."""

from __future__ import annotations

import os

from homeport.host.owners.descriptors import (
    GONE,
    are_counted,
    is_kernel_thread,
    sockets_of,
    sockets_of_strays,
)
from homeport.host.privileges import CAP_SYS_PTRACE, effective_capabilities
from homeport.model.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Sequence
    from typing import TypeAlias

    Look: TypeAlias = Callable[[int, str, os.stat_result], Sequence[int]]


class Scan(NamedTuple):
    """What was found: pid -> inodes of the sockets that it holds (with repetitions).

    `looked_at` are all processes that were listed, `hidden` those that this user may not look
    into.
    """

    sockets: dict[int, Sequence[int]]
    looked_at: frozenset[int]
    hidden: frozenset[int]


class View(NamedTuple):
    """What can be seen of processes from here.

    `uid` is the only user whose processes can be looked into, None when all can. `counted`: see
    `descriptors.are_counted`.
    """

    proc: str
    uid: int | None
    counted: bool

    def may_hold(self, path: str, status: os.stat_result) -> bool:
        """Whether a process that hides its descriptors from us can have any."""
        try:
            return status.st_size > 0 if self.counted else not is_kernel_thread(path)
        except OSError:
            return False


def view(proc: str = "/proc") -> View:
    """What this process can see."""
    sees_all = os.geteuid() == 0 or effective_capabilities(proc) >> CAP_SYS_PTRACE & 1
    return View(proc, None if sees_all else os.geteuid(), are_counted(proc))


def pids(proc: str = "/proc") -> list[int]:
    """Every process that this user may know of, ascending."""
    return sorted(int(name) for name in os.listdir(proc) if name.isdigit())


def holds_many(seen_from: View, among: Sequence[int], many: int) -> bool:
    """Whether those of these processes that can be looked into hold at least so many descriptors.

    Before Linux 6.2 it is told by the number of processes; half of them are the kernel's.
    """
    if not seen_from.counted:
        return len(among) * 10 > many
    for pid in reversed(among):
        try:
            status = os.stat(f"{seen_from.proc}/{pid}/fd")
        except OSError:
            continue
        if seen_from.uid in (None, status.st_uid):
            many -= status.st_size
            if many <= 0:
                return True
    return False


def look_into(
    among: Iterable[int],
    seen_from: View,
    look: Look | None = None,
) -> Scan:
    """Look into each of these processes; those that end meanwhile hold nothing.

    `look` is given the pid, the directory of the process and the status of its descriptor
    directory, and says which sockets it holds; by default it reads all links.
    """
    looked_at = frozenset(among)
    sockets: dict[int, Sequence[int]] = {}
    hidden: set[int] = set()
    for pid in sorted(looked_at):
        path = f"{seen_from.proc}/{pid}"
        try:
            status = os.stat(f"{path}/fd")
            if (held := _looked(pid, path, status, seen_from, look)) is None:
                hidden.add(pid)
            elif held:
                sockets[pid] = held
        except GONE:
            continue
        except OSError:
            # `hidepid=1` lists a process and lets nobody look at what is below its directory.
            hidden.add(pid)
    return Scan(sockets, looked_at, frozenset(hidden))


def _looked(
    pid: int,
    path: str,
    status: os.stat_result,
    seen_from: View,
    look: Look | None,
) -> Sequence[int] | None:
    """The sockets of one process, None when they are hidden."""
    # The directory of a process that may not be traced belongs to root, whoever runs it.
    if seen_from.uid is None or status.st_uid == seen_from.uid:
        try:
            if look is not None:
                return look(pid, path, status)
            return sockets_of(path, status.st_size if seen_from.counted else None)
        except GONE:
            raise
        except OSError:
            return None if seen_from.may_hold(path, status) else ()
    return None if seen_from.may_hold(path, status) else ()


def refusing(proc: str = "/proc", *, but_for: Container[int] = ()) -> Scan:
    """Which processes refuse to be looked into; nothing is found in the others. 4 µs for each.

    `but_for` are known not to refuse, and not asked.

    One link is as good as all of them: the kernel asks for the same right for each (proc(5), ptrace
    access mode PTRACE_MODE_READ_FSCREDS). Nearly every process has a descriptor 0.
    """
    looked_at = pids(proc)
    counted = are_counted(proc)
    hidden = []
    for pid in looked_at:
        if pid in but_for:
            continue
        try:
            os.readlink(f"{proc}/{pid}/fd/0")
        except GONE:
            if _refuses_another(f"{proc}/{pid}/fd", counted=counted):
                hidden.append(pid)
        except OSError:
            hidden.append(pid)
    return Scan({}, frozenset(looked_at), frozenset(hidden))


def _refuses_another(directory: str, *, counted: bool) -> bool:
    """Whether a process without a descriptor 0 refuses its others, if it has any."""
    try:
        if counted and not os.stat(directory).st_size:
            return False
        with os.scandir(directory) as links:
            for link in links:
                os.readlink(link.path)
                return False
    except GONE:
        return False
    except OSError:
        return True
    return False


def second_look(first: Scan, seen_from: View) -> Scan:
    """What a scan does not see: processes that came meanwhile, and threads that went their own way.

    Costs a stat for each process, so it is for when a socket was not found.
    """
    newcomers = look_into(frozenset(pids(seen_from.proc)) - first.looked_at, seen_from)
    sockets = dict(newcomers.sockets)
    if seen_from.counted:
        for pid in first.looked_at - first.hidden:
            if held := _strays(f"{seen_from.proc}/{pid}"):
                sockets[pid] = held
    return Scan(sockets, first.looked_at | newcomers.looked_at, first.hidden | newcomers.hidden)


def _strays(path: str) -> list[int]:
    try:
        return sockets_of_strays(path, os.stat(f"{path}/fd").st_size)
    except OSError:
        return []
