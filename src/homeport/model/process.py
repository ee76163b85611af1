"""Who holds a socket: processes, and the project, unit and container that they belong to."""

from __future__ import annotations

from enum import StrEnum

from homeport.model.record import NamedTuple


class Certainty(StrEnum):
    """How sure we are of a socket's owners.

    SEEN: the descriptors were seen, and all of them that the user may see were looked at.
    AT_LEAST_ONE: a holder was seen, but the search stopped there. INFERRED: the descriptor could
    not be seen; uid and cgroup of the socket point at these processes, which describe who *made*
    it. HIDDEN: somebody owns it whom this user may not see. UNOWNED: every process was looked at
    and none holds it (a descriptor in flight, or a socket of the kernel's own).
    """

    SEEN = "seen"
    AT_LEAST_ONE = "at least one"
    INFERRED = "inferred"
    HIDDEN = "hidden"
    UNOWNED = "unowned"


class ProcessId(NamedTuple):
    """A process that cannot be mistaken for a later one with the same pid.

    `start_ticks` is field 22 of /proc/PID/stat (clock ticks since boot); on systems without /proc
    it is the start time in ticks of 10 ms since the epoch.
    """

    pid: int
    start_ticks: int


class Ancestor(NamedTuple):
    """One step up in the chain that answers "why is this running"."""

    pid: int
    name: str
    argv: tuple[str, ...]


class Project(NamedTuple):
    """The directory that a process works for.

    `root` is the nearest directory upward that bears a `marker` (`.git`, `pyproject.toml`, …).
    `branch` is the git branch, None where there is none; `worktree` the name of the linked git
    worktree, None in the main one.
    """

    root: str
    name: str
    marker: str
    branch: str | None = None
    worktree: str | None = None


class Container(NamedTuple):
    """A container as its cgroup path names it: runtime (`docker`, `podman`, …) and full id."""

    runtime: str
    id: str


class Process(NamedTuple):
    """A process that owns a socket.

    `started_ns` is in nanoseconds since the epoch (UTC). `ancestry` runs from the parent to the
    first process. What could not be read, for want of privilege or because the process ended in
    between, is None; an empty `argv` is that of a kernel thread or a zombie.
    """

    pid: int
    start_ticks: int
    started_ns: int | None = None
    name: str | None = None
    argv: tuple[str, ...] | None = None
    exe: str | None = None
    cwd: str | None = None
    uid: int | None = None
    user: str | None = None
    project: Project | None = None
    unit: str | None = None
    container: Container | None = None
    ancestry: tuple[Ancestor, ...] | None = None

    @property
    def identity(self) -> ProcessId:
        """What stays true when the pid is given to somebody else."""
        return ProcessId(self.pid, self.start_ticks)
