"""What is left when a shim itself was killed: it comes to the supervisor, which ends it."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress

from homeport.host import cgroups, prctl
from homeport.host.clock import Clock
from homeport.host.descendants import children_of, descendants, send_all
from homeport.host.shim.spawned import LIVING, LOST_CGROUPS

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


def end_orphans(*, spare: Collection[int] = ()) -> int:
    """Kills what came to this process from lost shims; how many could not be ended.

    Those are its children that are neither shims of its own nor processes of Homeport's that go on
    by themselves (`host.detached`); `spare` are the pids of children that it has besides. Takes
    some milliseconds, at most two seconds.
    """
    while LOST_CGROUPS:
        cgroups.kill(LOST_CGROUPS.pop())
    give_up_ns = time.monotonic_ns() + _LONGEST_NS
    while orphans := _orphans(spare):
        if time.monotonic_ns() > give_up_ns:
            break
        kept = set(children_of(os.getpid())) - set(orphans)
        send_all(descendants(os.getpid(), spare=kept), signal.SIGKILL)
        reaped = [_reaped(pid) for pid in orphans]
        if not any(reaped):
            Clock().wait((), _ROUND_NS)
    cgroups.sweep()
    return len(orphans)


def _orphans(spare: Collection[int]) -> list[int]:
    kept = {*LIVING, *spare}
    children = [pid for pid in children_of(os.getpid()) if pid not in kept]
    return [pid for pid in children if not _goes_on_alone(pid)]


def _goes_on_alone(pid: int) -> bool:
    """Whether it was made by `host.detached`: the gateway, which serves other projects, too."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            arguments = file.read(4096).split(b"\0")
    except OSError:
        return False
    return arguments[1:3] == [b"-P", b"-m"] and b"".join(arguments[3:4]).startswith(b"homeport.")


def _reaped(pid: int) -> bool:
    with suppress(ChildProcessError):
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    return False
