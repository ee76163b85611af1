"""A program of others, run to its end within a limit: what it printed, and that nothing is left."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
from contextlib import suppress

from homeport.host.files import unusable
from homeport.model.errors import NotFound, NotSupported
from homeport.model.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MOST_SHOWN = 4000
_CHUNK = 1 << 20
_GRACE_S = 5.0


class Done(NamedTuple):
    """A program that has ended: its status (negative: the signal that ended it), and its words."""

    status: int
    output: str


def run(
    argv: Sequence[str], *, timeout_s: float = 30.0, env: Mapping[str, str] | None = None
) -> Done:
    """Runs a program without any input; what it prints on both outputs is kept, the last of it.

    Raises `NotSupported` where it cannot be started, or has not ended within the limit: then it
    and all that it started are killed.
    """
    try:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=None if env is None else dict(env),
        )
    except OSError as error:
        raise NotSupported(f"cannot run {argv[0]}", why=error.strerror) from error
    with process:
        try:
            output, _ = process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired as error:
            kill_group(process)
            raise NotSupported(
                f"{argv[0]} did not end", why=f"it was given {timeout_s:g} s"
            ) from error
    return Done(process.returncode, output.decode(errors="replace")[-_MOST_SHOWN:])


def pass_on(argv: Sequence[str], *, cwd: str, env: Mapping[str, str], to: int) -> int:
    """Runs a program and writes all that it prints to a descriptor; its exit status.

    Programs exist that do not look whether their last bytes were written (pg_dump, redis-cli): on a
    full disk they leave half of a file and say that all is well. Raises `NotFound` where it
    cannot be started, `StateUnusable` where not all could be written, BrokenPipeError where nobody
    reads on: the program is ended then.
    """
    try:
        process = subprocess.Popen(argv, stdout=subprocess.PIPE, cwd=cwd, env=dict(env))
    except OSError as error:
        raise NotFound(f"{argv[0]} cannot be run", why=error.strerror) from error
    with process:
        output = process.stdout
        if output is None:
            raise AssertionError("a pipe was asked for")
        try:
            _copy(output.fileno(), to)
        except BaseException:
            output.close()  # which ends it by SIGPIPE, without a word
            with suppress(subprocess.TimeoutExpired):
                process.wait(_GRACE_S)
            process.kill()
            raise
    return process.returncode


def _copy(output: int, to: int) -> None:
    try:
        while data := os.read(output, _CHUNK):
            _write_all(to, data)
        if stat.S_ISREG(os.fstat(to).st_mode):
            os.fsync(to)  # where some file systems say for the first time that they are full
    except BrokenPipeError:
        raise
    except OSError as error:
        raise unusable("what was written is cut off", error) from error


def _write_all(to: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(to, left) :]


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kills a program that has a session of its own, and whatever it started in that."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
