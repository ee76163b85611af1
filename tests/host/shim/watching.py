"""Programs under shims, for tests: what they have told and printed so far."""

from __future__ import annotations

import os
import select
import sys
import time
from typing import TYPE_CHECKING, Any

from homeport.host.shim import Spawned, spawn
from homeport.model.running import Gone, Program

if TYPE_CHECKING:
    from collections.abc import Callable

    from homeport.model.running import Report

ENV = (("PATH", os.environ["PATH"]), ("HOME", "/"))


def program(*argv: str, directory: str = "/", **more: Any) -> Program:
    return Program(argv, ENV, directory)._replace(**more)


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-I", "-S", "-c", code)


class Watched:
    """All that a program and its shim have told so far."""

    def __init__(self, spawned: Spawned) -> None:
        self.spawned = spawned
        self.reports: list[Report] = []
        self.printed = b""

    def until(self, met: Callable[[], object], *, seconds: float = 10.0) -> None:
        """Listens until something is the case."""
        deadline = time.monotonic() + seconds
        while not met():
            left = deadline - time.monotonic()
            assert left > 0, (self.reports, self.printed)
            sources = [each for each in (self.spawned.channel_fd, self.spawned.terminal_fd) if each]
            select.select(sources, [], [], min(left, 0.05))
            self.reports += self.spawned.read_reports()
            while data := self.spawned.read_terminal():
                self.printed += data

    def until_over(self) -> list[Report]:
        """Listens to the end."""
        self.until(lambda: self.reports and isinstance(self.reports[-1], Gone))
        return self.reports

    def until_printed(self, text: bytes) -> None:
        """Listens until a text came."""
        self.until(lambda: text in self.printed)


def outcome(asked: Program, **more: Any) -> tuple[list[Report], bytes]:
    with spawn(asked, **more) as spawned:
        watched = Watched(spawned)
        return watched.until_over(), watched.printed


KINDS = {
    "plain": "import signal; print('pid', __import__('os').getpid(), flush=True); signal.pause()",
    "ignores": (
        "import os, signal; signal.signal(15, signal.SIG_IGN); signal.signal(1, signal.SIG_IGN);"
        "print('pid', os.getpid(), flush=True); signal.pause()"
    ),
    "own session": (
        "import os, signal\n"
        "if not os.fork():\n"
        "    os.setsid()\n"
        "    print('pid', os.getpid(), flush=True)\n"
        "signal.pause()"
    ),
    "daemon": (
        "import os, signal\n"
        "if not os.fork():\n"
        "    os.setsid()\n"
        "    if os.fork():\n"
        "        os._exit(0)\n"
        "    signal.signal(15, signal.SIG_IGN); signal.signal(1, signal.SIG_IGN)\n"
        "    print('pid', os.getpid(), flush=True)\n"
        "signal.pause()"
    ),
}


def pid_printed(watched: Watched) -> int:
    watched.until_printed(b"\n")
    return int(watched.printed.split()[1])
