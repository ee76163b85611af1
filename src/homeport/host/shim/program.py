"""From the shim's fork to the program's exec: what a program finds when it starts.

Everything between is done in the new process, which tells at what it failed through a pipe that
exec closes.
"""

from __future__ import annotations

import errno
import fcntl
import os
import resource
import select
import signal
from contextlib import suppress

from homeport.host import prctl, terminals
from homeport.host.cgroups import join
from homeport.host.shim.descriptors import close_all_but
from homeport.host.shim.limits import give_back_open_files
from homeport.model.record import NamedTuple
from homeport.model.running import NotStarted, Stage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import NoReturn

    from homeport.host.shim.accounts import Identity
    from homeport.model.running import Program

_FIRST_LISTENER = 3  # SD_LISTEN_FDS_START
_SPARE = 20
_LONGEST_START_MS = 30_000


class Surroundings(NamedTuple):
    """What the program is put into; descriptors, and what else only the shim knows."""

    terminal: int | None
    listener: int | None
    cgroup: str | None
    limits: tuple[tuple[int, int], ...]
    identity: Identity | None
    group: int
    ignored: frozenset[signal.Signals]


def start(program: Program, into: Surroundings) -> int | NotStarted:
    """The pid of the program, which has been executed by then, or why it could not be."""
    reading, writing = os.pipe()
    shim = os.getpid()
    try:
        pid = os.fork()
    except OSError as error:
        os.close(reading)
        os.close(writing)
        return NotStarted(Stage.SHIM, error.errno or 0)
    if pid == 0:
        _become(program, into, writing, shim)
    os.close(writing)
    told = _told(reading)
    if told is None:
        return pid
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    stage, _, number = told.partition(" ")
    return NotStarted(Stage(stage), int(number))


def _told(reading: int) -> str | None:
    """What the new process says of a failure; None once it has become the program."""
    try:
        poller = select.poll()
        poller.register(reading, select.POLLIN)
        if not poller.poll(_LONGEST_START_MS):
            return f"{Stage.PROGRAM} {errno.ETIMEDOUT}"
        return os.read(reading, 64).decode("ascii") or None
    finally:
        os.close(reading)


class _Failed(Exception):
    def __init__(self, stage: Stage, number: int | None) -> None:
        super().__init__(stage)
        self.text = f"{stage.value} {number or 0}"


def _become(program: Program, into: Surroundings, writing: int, shim: int) -> NoReturn:
    """Becomes the program; or tells why not, and ends."""
    try:
        telling = fcntl.fcntl(writing, fcntl.F_DUPFD_CLOEXEC, _SPARE)
        try:
            _prepare(program, into, telling, shim)
            _execute(program, into)
        except _Failed as failed:
            os.write(telling, failed.text.encode("ascii"))
    finally:
        os._exit(127)


def _prepare(program: Program, into: Surroundings, telling: int, shim: int) -> None:
    with _at(Stage.SHIM):
        _attach(into)
        if into.cgroup is not None:
            join(into.cgroup)
    with _at(Stage.LIMITS):
        give_back_open_files()
        for which, most in into.limits:
            _limit(which, most)
    with _at(Stage.USER):
        _change_user(into)
    if program.umask is not None:
        os.umask(program.umask)
    # After the change of user, which would make the kernel forget it.
    prctl.die_with_parent(signal.SIGKILL)
    if os.getppid() != shim:
        os._exit(127)
    with _at(Stage.DIRECTORY):
        os.chdir(program.directory)
    with _at(Stage.SHIM):
        _pass_descriptors(into, telling)
    _reset_signals(into.ignored)


class _at:  # noqa: N801  (used as a word, in front of what may fail)
    """Says at which stage the block was when the system refused."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def __enter__(self) -> None:
        return

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError):
            raise _Failed(self._stage, error.errno) from None
        if isinstance(error, ValueError):  # a NUL in a text, a limit out of range
            raise _Failed(self._stage, errno.EINVAL) from None


def _attach(into: Surroundings) -> None:
    """A session and terminal of its own, or the group in which the supervisor is."""
    if into.terminal is None:
        os.setpgid(0, into.group)
        return
    os.setsid()
    terminals.make_controlling(into.terminal)
    if into.identity is not None:
        os.fchown(into.terminal, into.identity.uid, -1)
    for descriptor in (0, 1, 2):
        os.dup2(into.terminal, descriptor)


def _limit(which: int, most: int) -> None:
    _, hard = resource.getrlimit(which)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(which, (most, most))


def _change_user(into: Surroundings) -> None:
    if into.identity is not None:
        os.setgroups(into.identity.groups)
        os.setgid(into.identity.gid)
        os.setuid(into.identity.uid)


def _pass_descriptors(into: Surroundings, telling: int) -> None:
    """Only 0 to 2 reach the program, and a listener as 3."""
    first = _FIRST_LISTENER
    if into.listener is not None:
        if into.listener == first:
            os.set_inheritable(first, True)
        else:
            os.dup2(into.listener, first)
        first += 1
    close_all_but({telling, *range(_FIRST_LISTENER, first)})


def _reset_signals(ignored: frozenset[signal.Signals]) -> None:
    """As in a fresh process: nothing blocked, only `ignored` ignored (Python ignores SIGPIPE)."""
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        with suppress(OSError, ValueError):  # those that the C library keeps for itself
            signal.signal(number, signal.SIG_IGN if number in ignored else signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _execute(program: Program, into: Surroundings) -> NoReturn:
    env = dict(program.env)
    if into.listener is not None:
        env |= {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
    stage, number = Stage.PROGRAM, errno.ENOENT
    for path in _candidates(program.argv[0] if program.argv else "", env):
        try:
            os.execve(path, program.argv, env)  # noqa: S606  (that is what all this is for)
        except ValueError:
            number = errno.EINVAL
        except OSError as error:
            if error.errno == errno.ENOENT and os.path.exists(path):
                stage, number = Stage.INTERPRETER, errno.ENOENT
                break
            if error.errno not in {errno.ENOENT, errno.ENOTDIR}:
                number = error.errno or 0
                if number != errno.EACCES:  # as execvp(3): a later directory may have another one
                    break
    raise _Failed(stage, number)


def _candidates(name: str, env: dict[str, str]) -> Iterator[str]:
    if "/" in name:
        yield name
    elif name:
        for directory in env.get("PATH", os.defpath).split(os.pathsep):
            yield os.path.join(directory or ".", name)


def ignored_signals() -> frozenset[signal.Signals]:
    """What this process ignores because whoever started it did: `nohup` ignores SIGHUP."""
    own: Iterable[signal.Signals] = {signal.SIGPIPE, signal.SIGXFSZ}  # Python itself does that
    return frozenset(
        signal.Signals(number)
        for number in signal.valid_signals() - set(own)
        if signal.getsignal(number) is signal.SIG_IGN
    )
