"""A program of others, run to its end within a limit: what it printed, and that nothing is left."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress

from homeport.model.errors import NotSupported
from homeport.model.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MOST_SHOWN = 4000


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


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kills a program that has a session of its own, and whatever it started in that."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
