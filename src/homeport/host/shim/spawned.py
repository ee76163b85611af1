"""The supervisor's side of a shim: making it, hearing of its program, asking it to end that."""

from __future__ import annotations

import os
import signal
import socket
from contextlib import suppress
from typing import Self

from homeport.host import terminals
from homeport.host.descendants import descendants
from homeport.host.shim.accounts import identity_of
from homeport.host.shim.capabilities import Capabilities, capabilities
from homeport.host.shim.loop import Ends, run_shim
from homeport.host.signals import KILL
from homeport.model.errors import BadInput, BrokenMessage, HomeportError
from homeport.model.running import Gone, Lost, Started, Stdio
from homeport.wire.shim_channel import Lines, Stop, encode_stop, parse_report

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from homeport.host.terminals import Terminal
    from homeport.model.running import Program, Report

LIVING: dict[int, Spawned] = {}
"""Those of this process whose shim may still run, by the pid of that."""

LOST_CGROUPS: list[str] = []
"""Those of lost shims, which nobody has emptied yet."""

_CHUNK = 1 << 16
_LONGEST_END_S = 10.0


class Spawned:
    """A program under its shim. A context manager, which ends it by force when it is left.

    `pid` is that of the shim. `channel_fd` becomes readable when there is a report, `terminal_fd`
    when the program has printed; it is None for a program that has our own terminal.
    """

    def __init__(self, pid: int, channel: socket.socket, terminal_fd: int | None) -> None:
        self.pid = pid
        self.terminal_fd = terminal_fd
        self.started: Started | None = None
        self._channel = channel
        self._lines = Lines()
        self._over = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def channel_fd(self) -> int:
        """The descriptor that becomes readable when there is a report."""
        return self._channel.fileno()

    def fileno(self) -> int:
        """The same, for select and its like."""
        return self._channel.fileno()

    def read_reports(self) -> list[Report]:
        """What the shim has told since the last call; never waits. After `Gone` or `Lost` nothing.

        `Lost` has to be followed by `end_orphans`.
        """
        reports: list[Report] = []
        while not self._over:
            try:
                data = self._channel.recv(_CHUNK)
            except BlockingIOError:
                break
            except OSError:
                data = b""
            self._take(data, reports)
        return reports

    def _take(self, data: bytes, reports: list[Report]) -> None:
        try:
            reports += [parse_report(line) for line in self._lines.feed(data)]
        except BrokenMessage:
            data = b""
        self.started = next((each for each in reports if isinstance(each, Started)), self.started)
        if reports and isinstance(reports[-1], Gone):
            self._end()
        elif not data:
            with suppress(ProcessLookupError):
                os.kill(self.pid, KILL)  # ours, and not waited for yet: the pid is its own
            self._end()
            reports.append(Lost())
            if self.started is not None and self.started.cgroup is not None:
                LOST_CGROUPS.append(self.started.cgroup)

    def _end(self) -> None:
        """The shim ends at once now, and has to be waited for."""
        self._over = True
        if LIVING.pop(self.pid, None) is not None:
            with suppress(ChildProcessError):
                os.waitpid(self.pid, 0)

    def stop(self, stop_signal: str, grace_ms: int) -> None:
        """Asks the program and its process group to end; what is left after the time is killed.

        A later call may shorten the time. Raises `BadInput` for a signal that does not exist.
        """
        self._send(Stop(signal_number(stop_signal), max(0, grace_ms)))

    def kill(self) -> None:
        """Ends all of it at once."""
        self._send(Stop(KILL, 0))

    def _send(self, stop: Stop) -> None:
        if not self._over:
            with suppress(OSError):  # the shim is gone, which read_reports tells
                self._channel.send(encode_stop(stop))

    def read_terminal(self) -> bytes | None:
        """What was printed: empty when there is nothing now, None when no more can come."""
        return None if self.terminal_fd is None else terminals.read(self.terminal_fd)

    def write_terminal(self, data: bytes) -> int:
        """Types; how many bytes the terminal took."""
        return 0 if self.terminal_fd is None else terminals.write(self.terminal_fd, data)

    def resize(self, rows: int, columns: int) -> None:
        """Sets the size of the terminal's window."""
        if self.terminal_fd is not None:
            terminals.resize(self.terminal_fd, rows, columns)

    def members(self) -> frozenset[int]:
        """The pids of the program and of all that it started."""
        return frozenset(each.pid for each in descendants(self.pid))

    def close(self) -> None:
        """Lets go; a shim that still runs ends everything at once, and is waited for."""
        if not self._over:
            self.kill()
            self._channel.setblocking(True)
            self._channel.settimeout(_LONGEST_END_S)
            while not self._over:
                self.read_reports()
        self._channel.close()
        if self.terminal_fd is not None:
            os.close(self.terminal_fd)
            self.terminal_fd = None


def spawn(
    program: Program,
    *,
    keep: Sequence[int] = (),
    pass_listener: socket.socket | None = None,
    allowed: Capabilities | None = None,
) -> Spawned:
    """Starts a program under a shim of its own; whether that succeeds is reported.

    The shim holds the descriptors in `keep` until nothing of the program is left: locks that stand
    for it. The program inherits none of the supervisor's but `pass_listener`, as descriptor 3
    (sd_listen_fds(3)). `allowed` is for tests: fewer means than this system has. Raises
    `NotFound` and `NotPermitted` for a user, `BadInput`, and `HomeportError` without resources.
    """
    identity = identity_of(program.user)
    stop_signal = signal_number(program.stop_signal)
    terminal = (
        terminals.open_terminal(program.rows, program.columns)
        if program.stdio is Stdio.TERMINAL
        else None
    )
    ours, theirs = _channel(terminal)
    ends = Ends(
        channel=theirs.fileno(),
        terminal=terminal,
        listener=None if pass_listener is None else pass_listener.fileno(),
        keep=tuple(keep),
        stop_signal=stop_signal,
        identity=identity,
        allowed=allowed or capabilities(),
        group=os.getpgrp(),
    )
    try:
        pid = _fork(program, ends)
    except OSError as error:
        ours.close()
        if terminal is not None:
            os.close(terminal.ours)
        raise HomeportError("no process can be made", why=error.strerror) from error
    finally:
        theirs.close()
        if terminal is not None:
            os.close(terminal.theirs)
    ours.setblocking(False)
    spawned = Spawned(pid, ours, None if terminal is None else terminal.ours)
    LIVING[pid] = spawned
    return spawned


def _channel(terminal: Terminal | None) -> tuple[socket.socket, socket.socket]:
    try:
        return socket.socketpair()
    except OSError as error:
        if terminal is not None:
            os.close(terminal.ours)
            os.close(terminal.theirs)
        raise HomeportError(
            "no channel to the program can be made", why=error.strerror, next_step="ulimit -n"
        ) from error


def _fork(program: Program, ends: Ends) -> int:
    # A signal that came in between would run a handler of the supervisor's in the shim.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        pid = os.fork()
        if pid == 0:
            run_shim(program, ends)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return pid


def signal_number(name: str) -> signal.Signals:
    """The signal of a name with or without SIG. Raises `BadInput`."""
    try:
        return signal.Signals[f"SIG{name.upper().removeprefix('SIG')}"]
    except KeyError:
        raise BadInput(
            f"there is no signal {name!r}", next_step="TERM, INT, QUIT, HUP, USR1, ..."
        ) from None
