"""Becoming another program (execve(2)), and leaving a process behind that keeps descriptors."""

from __future__ import annotations

import os
import signal

from homeport.model.errors import HomeportError, NotFound, NotPermitted, NotSupported
from homeport.model.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NoReturn

# Python ignores these two, and what is ignored stays so in the next program.
_IGNORED_BY_PYTHON = ("SIGPIPE", "SIGXFSZ")
_MAX_SUBSHELLS = 16


def become(argv: Sequence[str], more: Mapping[str, str], descriptors: Sequence[int]) -> NoReturn:
    """Replaces this process by a program, found by PATH, that inherits the descriptors.

    `more` is added to the environment. Raises `NotFound`, `NotPermitted` or `HomeportError` where
    there is no such program.
    """
    for descriptor in descriptors:
        os.set_inheritable(descriptor, True)
    for name in _IGNORED_BY_PYTHON:
        signal.signal(getattr(signal, name), signal.SIG_DFL)
    try:
        os.execvpe(argv[0], list(argv), {**os.environ, **more})  # noqa: S606  (that is the purpose)
    except (FileNotFoundError, NotADirectoryError):
        raise NotFound(f"there is no program {argv[0]!r}", why="it is not on PATH") from None
    except PermissionError:
        raise NotPermitted(f"{argv[0]!r} may not be executed", next_step="chmod +x") from None
    except (OSError, ValueError) as error:
        raise HomeportError(f"{argv[0]!r} cannot be executed", why=str(error)) from error


def who_asked() -> int:
    """The pid of the program that started this one: of a shell, and not of its subshell.

    `$(…)` and `|` run in a fork of the shell that ends with them.
    """
    pid = os.getppid()
    for _ in range(_MAX_SUBSHELLS):
        found = _image(pid)
        if found is None or (above := _image(found.parent)) is None:
            return pid
        if (above.exe, above.stack) != (found.exe, found.stack):
            return pid
        pid = found.parent
    return pid


class _Image(NamedTuple):
    parent: int
    exe: str
    stack: int


def _image(pid: int) -> _Image | None:
    """What a fork has in common with its parent, until it executes something; proc(5).

    The stack begins at a random address, chosen by execve(2).
    """
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
        return _Image(int(fields[1]), os.readlink(f"/proc/{pid}/exe"), int(fields[25]))
    except (OSError, IndexError, ValueError):
        return None


def keep_while(pid: int, descriptors: Sequence[int]) -> int:
    """Starts a process that keeps the descriptors open until process `pid` ends; gives its pid.

    Raises `NotFound` where that has ended, `NotSupported` without pidfd_open(2).
    """
    if not hasattr(os, "pidfd_open"):
        raise NotSupported(
            "a port cannot be kept for another process on this system",
            why="it has no pidfd_open(2), by which that process's end is noticed",
            next_step="run the program itself: homeport lease -- COMMAND",
        )
    try:
        watched = os.pidfd_open(pid)
    except OSError:
        raise NotFound(f"there is no process {pid} to keep a port for") from None
    keeper = os.fork()
    if keeper == 0:
        _keep(watched, descriptors)
    os.close(watched)
    return keeper


def kept_for(keeper: int) -> frozenset[int]:
    """The processes whose end a process waits for by descriptor (pidfd_open(2)); proc(5)."""
    place = f"/proc/{keeper}/fdinfo"
    found: set[int] = set()
    try:
        for name in os.listdir(place):
            with open(f"{place}/{name}", encoding="ascii") as file:
                found.update(int(line[4:]) for line in file if line.startswith("Pid:"))
    except (OSError, ValueError):
        return frozenset()
    return frozenset(found)


def _keep(watched: int, descriptors: Sequence[int]) -> NoReturn:
    """The rest of the keeper's life; whatever happens, it never returns into its starter's work."""
    import select

    try:
        os.setsid()
        os.chdir("/")
        nowhere = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(nowhere, standard)
        # Whoever reads our output to its end waits for the last descriptor of the pipe.
        _close_all_but({watched, *descriptors})
        poller = select.poll()
        poller.register(watched, select.POLLIN)
        poller.poll()
    finally:
        os._exit(0)


def _close_all_but(kept: set[int]) -> None:
    """Closes what is open beyond the three standard streams."""
    low = 3
    for descriptor in sorted(kept):
        # Python's closerange(0, 0) closes everything: it passes an unsigned -1 on.
        if descriptor > low:
            os.closerange(low, descriptor)
        low = max(low, descriptor + 1)
    os.closerange(low, os.sysconf("SC_OPEN_MAX"))
