"""The descendants of a process: its children, theirs, and so on; and signals to all of them.

Orphans belong to the nearest ancestor that adopts them (`host.prctl.adopt_orphans`), so that below
such a process everything is found, however it detached itself.
"""

from __future__ import annotations

import os
from functools import lru_cache

from homeport.host import signals
from homeport.model.errors import BrokenMessage, NotPermitted, NotSupported
from homeport.model.process import ProcessId
from homeport.wire.proc_pid import parse_stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from signal import Signals

    from homeport.wire.proc_pid import Stat


def descendants(
    pid: int, *, spare: Collection[int] = (), proc: str = "/proc", scan: bool | None = None
) -> list[ProcessId]:
    """All that descend from a process, parents first; without `spare` and what descends from those.

    `scan` reads every process where the kernel keeps no list of children (CONFIG_PROC_CHILDREN);
    None finds out. Processes that have ended and wait for their parent are not among them.
    """
    if not os.path.isdir(f"{proc}/self"):
        return [each for each in _portable(pid, recursive=True) if each.pid not in spare]
    scan = not lists_children(proc) if scan is None else scan
    children = _from_scan(proc) if scan else lambda parent: _listed(parent, proc)
    found: list[ProcessId] = []
    waiting = [pid]
    seen = {pid, *spare}
    while waiting:
        for child in children(waiting.pop()):
            if child not in seen:
                seen.add(child)
                waiting.append(child)
                stat = _stat(child, proc)
                if stat is not None and stat.state not in "ZX":
                    found.append(ProcessId(child, stat.start_ticks))
    return found


def children_of(pid: int, proc: str = "/proc") -> list[int]:
    """The pids of a process's own children, ended ones among them."""
    if lists_children(proc):
        return list(_listed(pid, proc))
    if not os.path.isdir(f"{proc}/self"):
        return [each.pid for each in _portable(pid, recursive=False)]
    return list(_from_scan(proc)(pid))


def lives(process: ProcessId, proc: str = "/proc") -> bool:
    """Whether it still runs, and is no other one with its pid."""
    if os.path.isdir(f"{proc}/self"):
        stat = _stat(process.pid, proc)
        return (
            stat is not None and stat.start_ticks == process.start_ticks and stat.state not in "ZX"
        )
    import psutil  # the portable path only

    try:
        found = psutil.Process(process.pid)
        same = int(found.create_time() * 100) == process.start_ticks
        return same and found.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def send_all(processes: Iterable[ProcessId], number: Signals) -> int:
    """Sends a signal to each that still is the one that is meant; how many refused it."""
    refused = 0
    for each in processes:
        try:
            pinned = signals.pin(each)
        except NotSupported:
            refused += not _send_by_pid(each.pid, number)
            continue
        if pinned is not None:
            with pinned:
                try:
                    pinned.send(number)
                except NotPermitted:
                    refused += 1
    return refused


def _send_by_pid(pid: int, number: Signals) -> bool:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return True


@lru_cache(maxsize=8)
def lists_children(proc: str = "/proc") -> bool:
    """Whether the kernel lists the children of a process."""
    own = os.getpid()
    return os.path.exists(f"{proc}/{own}/task/{own}/children")


def _listed(pid: int, proc: str) -> Iterable[int]:
    try:
        threads = os.listdir(f"{proc}/{pid}/task")
    except OSError:
        return
    for thread in threads:
        try:
            with open(f"{proc}/{pid}/task/{thread}/children", "rb", buffering=0) as file:
                text = file.readall()
        except OSError:
            continue
        yield from map(int, text.split())


def _from_scan(proc: str) -> Callable[[int], Iterable[int]]:
    by_parent: dict[int, list[int]] = {}
    for name in os.listdir(proc):
        if name.isdigit() and (stat := _stat(int(name), proc)) is not None:
            by_parent.setdefault(stat.parent, []).append(int(name))
    return lambda pid: by_parent.get(pid, ())


def _stat(pid: int, proc: str) -> Stat | None:
    try:
        with open(f"{proc}/{pid}/stat", "rb", buffering=0) as file:
            return parse_stat(file.read(4096))
    except (OSError, BrokenMessage):
        return None


def _portable(pid: int, *, recursive: bool) -> list[ProcessId]:
    import psutil  # the portable path only

    try:
        found = psutil.Process(pid).children(recursive=recursive)
        return [ProcessId(each.pid, int(each.create_time() * 100)) for each in found]
    except psutil.Error:
        return []
