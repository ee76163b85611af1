"""A program that is run, and what its shim tells of it.

A shim is the small process between a supervisor and one program. It outlives neither for long, and
lets nothing of the program outlive it.
"""

from __future__ import annotations

from enum import StrEnum

from homeport.model.record import NamedTuple
from homeport.model.service import SECOND_MS, Limits

NO_LIMITS = Limits()


class Stdio(StrEnum):
    """What a program has as its standard input, output and error.

    TERMINAL: a pseudo-terminal of its own, which is its controlling terminal; the other end is the
    supervisor's. INHERITED: what the supervisor has, in whose process group the program stays, so
    that Ctrl-C and job control reach it as if nothing stood between.
    """

    TERMINAL = "terminal"
    INHERITED = "inherited"


class Program(NamedTuple):
    """What to run.

    `argv[0]` is looked for in PATH as `env` has it, relative to `directory`; `env` is the whole
    environment. `user` is somebody else to run it as, which only root may. `stop_signal` and
    `orphan_ms`, the time after it, are for the case that the supervisor dies.
    """

    argv: tuple[str, ...]
    env: tuple[tuple[str, str], ...]
    directory: str
    user: str | None = None
    limits: Limits = NO_LIMITS
    stdio: Stdio = Stdio.TERMINAL
    rows: int = 24
    columns: int = 80
    umask: int | None = None
    stop_signal: str = "TERM"
    orphan_ms: int = 3 * SECOND_MS


class Unmet(NamedTuple):
    """A limit that could not be set as it was asked for, by the name of its field, and why."""

    limit: str
    why: str


class Started(NamedTuple):
    """The program runs as process `pid`, in the cgroup of that path where it could get its own."""

    pid: int
    cgroup: str | None = None
    unmet: tuple[Unmet, ...] = ()


class Stage(StrEnum):
    """At what a start failed.

    SHIM: making the process. LIMITS: a limit that is refused. USER: becoming another user.
    DIRECTORY: going to the working directory. PROGRAM: finding or executing the program.
    INTERPRETER: the program is a script, and what its first line names is not there.
    """

    SHIM = "shim"
    LIMITS = "limits"
    USER = "user"
    DIRECTORY = "directory"
    PROGRAM = "program"
    INTERPRETER = "interpreter"


class NotStarted(NamedTuple):
    """The program could not be executed; `errno` as the system told it, 0 where it told none."""

    stage: Stage
    errno: int


class Exited(NamedTuple):
    """The program itself has ended: `code` where it exited, `signal` where one ended it.

    `over_memory`: the kernel has ended processes of it that were over their limit together.
    """

    code: int | None
    signal: int | None = None
    core: bool = False
    over_memory: bool = False

    @property
    def ok(self) -> bool:
        """Whether it ended with success."""
        return self.code == 0

    @property
    def status(self) -> int:
        """As a shell tells it: 128 and the signal where one ended it."""
        return 128 + (self.signal or 0) if self.code is None else self.code


class Gone(NamedTuple):
    """Nothing is left of the program and of all that it started.

    `left` counts processes that could not be ended (setuid programs, or stuck in the kernel);
    `certain` is false on systems that do not tell of processes that detached themselves.
    """

    left: int = 0
    certain: bool = True


class Lost(NamedTuple):
    """The shim was killed: what it had started may be left, as children of the supervisor."""


Report = Started | NotStarted | Exited | Gone | Lost
"""What a shim tells, in this order: `Started`, `Exited`, `Gone`, or `NotStarted`, `Gone`.

At any point `Lost` may come instead. `Gone` and `Lost` are the last one.
"""
