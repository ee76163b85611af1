"""Signals that reach the process that is meant, or nobody.

A pid is given to somebody else as soon as its process is gone. A descriptor of the process
(pidfd_open(2), Linux 5.3) is taken first and the start time compared after: from then on whatever
is sent through the descriptor can only reach that process.
"""

from __future__ import annotations

import errno
import os
import signal
from contextlib import suppress
from typing import Self

from homeport.model.errors import BrokenMessage, NotPermitted, NotSupported
from homeport.wire.proc_pid import parse_stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

    from homeport.model.process import ProcessId

TERM = signal.SIGTERM
KILL = signal.SIGKILL


class Pinned:
    """A process that no signal will miss; a context manager that lets go of it.

    Made by `pin`.
    """

    def __init__(self, identity: ProcessId, descriptor: int) -> None:
        self.identity = identity
        self._descriptor = descriptor

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the process."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def fileno(self) -> int:
        """The descriptor, which becomes readable when the process ends, as a zombie too."""
        return self._descriptor

    def send(self, number: signal.Signals) -> None:
        """Sends a signal; nothing happens where the process has ended. Raises `NotPermitted`."""
        try:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._descriptor, number)
        except PermissionError:
            raise NotPermitted(
                f"process {self.identity.pid} may not be ended by this user",
                next_step="ask its owner, or use sudo",
            ) from None


def pin(identity: ProcessId, *, proc: str = "/proc") -> Pinned | None:
    """Takes hold of a process; None where it has ended, also if its pid is another's by now.

    Raises `NotSupported` without pidfd_open(2), and where `proc` numbers processes otherwise than
    they are numbered here. Linux.
    """
    if not hasattr(os, "pidfd_open"):
        raise _no_pidfd()
    if _is_foreign(proc):
        raise NotSupported(
            "a process cannot be ended safely from here",
            why=f"{proc} is of another pid namespace: its numbers mean other processes here",
            next_step="run the command in the pid namespace of the process",
        )
    try:
        descriptor = os.pidfd_open(identity.pid)
    except ProcessLookupError:
        return None
    except OSError as error:
        if error.errno == errno.EINVAL:  # the number of a thread, not of a process
            return None
        raise _no_pidfd() from None
    if _start_ticks(identity.pid, proc) != identity.start_ticks:
        os.close(descriptor)
        return None
    return Pinned(identity, descriptor)


def _no_pidfd() -> NotSupported:
    return NotSupported(
        "a process cannot be ended safely on this system",
        why="it has no pidfd_open(2), so a signal could reach a later process with the same pid",
        next_step="end it with kill(1)",
    )


def _is_foreign(proc: str) -> bool:
    """Whether this process has another pid there than it has for pidfd_open(2)."""
    try:
        return os.readlink(f"{proc}/self") != str(os.getpid())
    except OSError:
        return False


def _start_ticks(pid: int, proc: str) -> int | None:
    try:
        with open(f"{proc}/{pid}/stat", "rb", buffering=0) as file:
            return parse_stat(file.read(4096)).start_ticks
    except (OSError, BrokenMessage):
        return None
