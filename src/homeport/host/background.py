"""Going on in the background, from the middle of a program: what is loaded is loaded once.

`detached` starts a module of ours anew; here the process itself is doubled (fork(2)), which only
one without threads may do.
"""

from __future__ import annotations

import os
import sys

from homeport.host.detached import go_on_alone

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

_PIECE_BYTES = 1 << 16


def in_background(work: Callable[[int], int], log: str) -> int:
    """Runs `work` in a process that outlives this one; gives the reading end of a pipe to it.

    `work` gets the writing end; what it returns is its exit status. The end of the pipe means that
    it has closed it, or ended. What it prints goes to the file `log`, which is begun anew.
    """
    reading, writing = os.pipe()
    first = os.fork()
    if first == 0:
        os.close(reading)
        os.setsid()
        go_on_alone(log)
        _work_and_exit(work, writing)
    os.close(writing)
    os.waitpid(first, 0)
    return reading


def _work_and_exit(work: Callable[[int], int], writing: int) -> NoReturn:
    status = 1
    try:
        status = work(writing)
    finally:
        # What went wrong goes into the log: above this there is only what the parent had to do.
        if (error := sys.exc_info())[0] is not None:
            sys.excepthook(*error)
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        os._exit(status)


def lines_of(reading: int) -> list[bytes]:
    """The next whole lines from a pipe, waiting for one; empty at its end."""
    data = b""
    while not data.endswith(b"\n"):
        more = os.read(reading, _PIECE_BYTES)
        if not more:
            break
        data += more
    return data.splitlines()
