"""What is left when a shim itself was killed: it comes to the supervisor, which ends it."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress

from homeport.host import cgroups, prctl
from homeport.host.clock import Clock
from homeport.host.descendants import children_of, descendants, send_all
from homeport.host.shim.spawned import LIVING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

_LONGEST_NS = 2_000_000_000
_ROUND_NS = 10_000_000


def become_subreaper() -> bool:
    """Lets the orphans of shims come to this process; False where the system has no such thing.

    Every other orphan among its descendants comes to it as well, also a daemon that it starts.
    """
    return prctl.adopt_orphans()


def end_orphans(*, spare: Collection[int] = (), cgroup: str | None = None) -> int:
    """Kills what came to this process from lost shims; how many could not be ended.

    Those are its children that are no shims of its own; `spare` are the pids of children that it
    has besides. `cgroup` is that of the lost shim's program (`Spawned.started`). Takes some
    milliseconds, at most two seconds.
    """
    if cgroup is not None:
        cgroups.kill(cgroup)
    kept = {*LIVING, *spare}
    give_up_ns = time.monotonic_ns() + _LONGEST_NS
    while orphans := [pid for pid in children_of(os.getpid()) if pid not in kept]:
        if time.monotonic_ns() > give_up_ns:
            break
        send_all(descendants(os.getpid(), spare=kept), signal.SIGKILL)
        reaped = [_reaped(pid) for pid in orphans]
        if not any(reaped):
            Clock().wait((), _ROUND_NS)
    cgroups.remove(cgroup)
    return len(orphans)


def _reaped(pid: int) -> bool:
    with suppress(ChildProcessError):
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    return False
