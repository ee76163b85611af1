"""A process that goes on by itself: no terminal, descriptor or directory of its starter's.

The starter waits for a first process, which ends once the second one, made by it, has all that it
needs (daemon(7)); so there is no zombie, and a failure is told to whoever can show it.
"""

from __future__ import annotations

import os
import subprocess
import sys

from homeport.model.errors import HomeportError, StateUnusable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_LONGEST_COMPLAINT_BYTES = 4096


def start(module: str, arguments: Sequence[str], *, what: str, timeout_ms: int = 10_000) -> None:
    """Runs a module of ours, which is to call `go_on_alone`; returns once it has done so.

    Raises `HomeportError` with what it complained of.
    """
    # -P: a file in the working directory that is named like a module of ours is not to be run.
    argv = [sys.executable, "-P", "-m", module, *arguments]
    with subprocess.Popen(
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd="/",
        start_new_session=True,
    ) as process:
        try:
            _, complaint = process.communicate(timeout=timeout_ms / 1000)
        except subprocess.TimeoutExpired:
            process.kill()
            raise HomeportError(f"{what} did not start within {timeout_ms} ms") from None
    if process.returncode != 0:
        raise HomeportError(
            f"{what} could not be started",
            why=_last_line(complaint) or f"it ended with {process.returncode}",
        )


def _last_line(complaint: bytes) -> str:
    text = complaint[-_LONGEST_COMPLAINT_BYTES:].decode("utf-8", "replace")
    return next((line for line in reversed(text.splitlines()) if line.strip()), "").strip()


def go_on_alone(log: str | None = None) -> None:
    """Lets the starter go: from here on this is a process of nobody's, in a session of its own.

    What it complains of is written to `log` (0600, begun anew), or to nowhere. Raises
    `StateUnusable`.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    try:
        target = os.open(log or os.devnull, flags if log else os.O_WRONLY, 0o600)
    except OSError as error:
        raise StateUnusable(f"cannot write {log}", why=error.strerror) from error
    nowhere = os.open(os.devnull, os.O_RDONLY)
    if os.fork():
        os._exit(0)
    for source, number in ((nowhere, 0), (target, 1), (target, 2)):
        os.dup2(source, number)
    for opened in (nowhere, target):
        if opened > 2:
            os.close(opened)
