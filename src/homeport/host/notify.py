"""Telling somebody outside: a command of theirs, or a notification on the desktop.

Programs run beside the watching, a bounded number at once and for a bounded time, so that neither
a slow one nor a flood of events holds it up.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import deque
from typing import IO, TYPE_CHECKING

from homeport.host.clock import SECOND_NS, Clock
from homeport.model.errors import BadInput, NotSupported
from homeport.model.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_AT_ONCE = 4
MAX_WAITING = 256
TIME_LIMIT_NS = 30 * SECOND_NS


class Job(NamedTuple):
    """A program to run, without a shell, and what is added to its environment."""

    argv: tuple[str, ...]
    environment: Mapping[str, str]


class _Running(NamedTuple):
    process: subprocess.Popen[bytes]
    until_ns: int


class Runner:
    """Runs jobs in the order in which they came; call `tick` now and then, and `close` at the end.

    At most `at_once` run at a time; each is killed with its children after `limit_ns`. Their
    output goes to `output` (None: nowhere). `notices` are sentences about jobs that failed, were
    killed, or were dropped because too many waited.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        at_once: int = MAX_AT_ONCE,
        limit_ns: int = TIME_LIMIT_NS,
        output: IO[bytes] | int | None = None,
    ) -> None:
        self._clock = clock
        self._at_once = at_once
        self._limit_ns = limit_ns
        self._output = subprocess.DEVNULL if output is None else output
        self._waiting: deque[Job] = deque()
        self._running: list[_Running] = []
        self.notices: list[str] = []

    @property
    def busy(self) -> bool:
        """Whether anything runs or waits to."""
        return bool(self._running or self._waiting)

    def add(self, job: Job) -> None:
        """Runs the job as soon as there is room."""
        if len(self._waiting) < MAX_WAITING:
            self._waiting.append(job)
        else:
            self.notices.append(f"{job.argv[0]}: not run, {MAX_WAITING} others wait already")
        self.tick()

    def tick(self) -> None:
        """Takes leave of what ended, ends what took too long, starts what waits."""
        self._running = [running for running in self._running if not self._over(running)]
        while self._waiting and len(self._running) < self._at_once:
            self._start(self._waiting.popleft())

    def _over(self, running: _Running) -> bool:
        process = running.process
        if process.poll() is not None:
            if process.returncode:
                self.notices.append(f"{_name(process)}: {_ending(process.returncode)}")
            return True
        if self._clock.monotonic_ns() < running.until_ns:
            return False
        self._kill(process)
        limit_s = self._limit_ns / SECOND_NS
        self.notices.append(f"{_name(process)}: ended after its {limit_s:g} seconds")
        return True

    def _kill(self, process: subprocess.Popen[bytes]) -> None:
        # The leader is not reaped yet, so that its group cannot be anybody else's.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def _start(self, job: Job) -> None:
        try:
            process = subprocess.Popen(
                job.argv,
                stdin=subprocess.DEVNULL,
                stdout=self._output,
                stderr=self._output,
                env={**os.environ, **job.environment},
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or error
            self.notices.append(f"{job.argv[0]}: could not be started: {why}")
            return
        until_ns = self._clock.monotonic_ns() + self._limit_ns
        self._running.append(_Running(process, until_ns))

    def close(self) -> None:
        """Lets what runs or waits come to its end, each within its limit."""
        while self.busy:
            self.tick()
            if self._running:
                self._wait_for(self._running[0])

    def _wait_for(self, running: _Running) -> None:
        left_ns = running.until_ns - self._clock.monotonic_ns()
        try:
            running.process.wait(max(0.0, left_ns / SECOND_NS))
        except subprocess.TimeoutExpired:
            return  # the next tick ends it


def _name(process: subprocess.Popen[bytes]) -> str:
    argv = process.args
    return str(argv[0] if isinstance(argv, tuple) else argv)


def _ending(status: int) -> str:
    if status > 0:
        return f"ended with exit status {status}"
    try:
        return f"ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"ended by signal {-status}"


def command_of(text: str) -> tuple[str, ...]:
    """The words of a command as a POSIX shell would split them; no shell is involved.

    Raises `BadInput` for an empty command, an open quote, or a program that is not there.
    """
    import shlex
    import shutil

    try:
        argv = tuple(shlex.split(text))
    except ValueError as error:
        raise BadInput(f"the command {text!r} cannot be read", why=str(error)) from None
    if not argv:
        raise BadInput("the command is empty")
    if shutil.which(argv[0]) is None:
        raise BadInput(
            f"there is no program {argv[0]!r}",
            why="the command is run without a shell",
            next_step="give a program on the PATH; for a pipe or a variable: sh -c '…'",
        )
    return argv


_APPLESCRIPT = (
    "on run argv",
    "display notification (item 2 of argv) with title (item 1 of argv)",
    "end run",
)


def notification(title: str, body: str, *, platform: str = sys.platform) -> tuple[str, ...]:
    """The program that shows a notification on this desktop, and its arguments.

    Linux and the BSDs: notify-send(1), of libnotify. macOS: osascript(1).
    """
    if platform == "darwin":
        script = [word for line in _APPLESCRIPT for word in ("-e", line)]
        return ("osascript", *script, title, body)
    # The desktop notifications specification: the body may be marked up, the summary never is.
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        body = body.replace(character, entity)
    return ("notify-send", "--app-name=homeport", "--", title, body)


def require_desktop(*, environment: Mapping[str, str] = os.environ) -> None:
    """Raises `NotSupported` where no notification can be shown, and says what is missing."""
    import shutil

    program = notification("", "")[0]
    if shutil.which(program) is None:
        raise NotSupported(
            "notifications cannot be shown here",
            why=f"the program {program} is missing",
            next_step="install it (Debian, Ubuntu: apt install libnotify-bin), or use --exec",
        )
    if program == "notify-send" and not _has_session(environment):
        raise NotSupported(
            "notifications cannot be shown here",
            why="there is no desktop session: DBUS_SESSION_BUS_ADDRESS is not set",
            next_step="run it within the session, or use --exec",
        )


def _has_session(environment: Mapping[str, str]) -> bool:
    runtime = environment.get("XDG_RUNTIME_DIR")
    return bool(
        environment.get("DBUS_SESSION_BUS_ADDRESS")
        or (runtime and os.path.exists(os.path.join(runtime, "bus")))
    )
