"""Which limits a program can be held to, and by what; what cannot be had is said."""

from __future__ import annotations

import os
import resource

from homeport.model.running import Unmet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.host.cgroups import Made
    from homeport.model.service import Limits

_OPEN_FILES: list[int] = []
"""How many descriptors a process might have before this one took more for itself."""

_MOST_OPEN_FILES = 1 << 16
_NO_CGROUP = "this user may not make a cgroup here"
_BY_MANAGER = "systemd-run --user --scope homeport up"
_NOT_IN_CGROUP = "this part of the cgroup tree has no such controller"


def by_process(limits: Limits, made: Made) -> tuple[tuple[tuple[int, int], ...], tuple[Unmet, ...]]:
    """The limits to set for each process (setrlimit(2)), and those that are not met as asked."""
    why = _no_cgroup() if made.path is None else _NOT_IN_CGROUP
    for_each: list[tuple[int, int]] = []
    unmet: list[Unmet] = []
    if limits.open_files is not None:
        for_each.append((resource.RLIMIT_NOFILE, limits.open_files))
    if limits.memory_bytes is not None and "memory_bytes" not in made.limited:
        # RLIMIT_AS would count what node and the JVM only reserve.
        for_each.append((resource.RLIMIT_DATA, limits.memory_bytes))
        unmet.append(Unmet("memory_bytes", f"{why}: each process is held to it by itself"))
    # RLIMIT_NPROC counts everything that the user runs.
    unmet += [
        Unmet(field, why)
        for field in ("cpus", "processes")
        if getattr(limits, field) is not None and field not in made.limited
    ]
    return tuple(for_each), tuple(unmet)


def _no_cgroup() -> str:
    """Why there is none; in a session of ssh, say, the user's service manager can give one."""
    manager = os.path.join(os.environ.get("XDG_RUNTIME_DIR") or "/nowhere", "systemd/private")
    return f"{_NO_CGROUP}, except by {_BY_MANAGER}" if os.path.exists(manager) else _NO_CGROUP


def take_more_open_files() -> None:
    """Lets this process have as many descriptors as it may: some five for each service.

    Programs that it starts have what it had: with more, those that use select(2) break.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _MOST_OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        _OPEN_FILES.append(soft)


def give_back_open_files() -> None:
    """In the process that becomes a program: what it would have had without us."""
    if _OPEN_FILES:
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES[0], hard))
