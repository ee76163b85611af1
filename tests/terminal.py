"""A person at a terminal, for tests: a program on a pseudo-terminal of its own, keys and screen."""

from __future__ import annotations

import fcntl
import os
import re
import signal
import struct
import subprocess
import sys
import termios
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from tests.support import wait_until

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence
    from pathlib import Path


class Terminal:
    """`screen` is all that was shown. The program leads a session, whose terminal this is."""

    def __init__(self, descriptor: int, process: subprocess.Popen[bytes]) -> None:
        self.pid = process.pid
        self.screen = ""
        self._process = process
        self._descriptor = descriptor

    def press(self, keys: str) -> None:
        """Types; control characters are keys like Ctrl-C."""
        rest = keys.encode()

        def typed() -> bool:
            nonlocal rest
            self._read()
            with suppress(BlockingIOError):
                rest = rest[os.write(self._descriptor, rest) :]
            return not rest

        wait_until(typed, what="the program to take what is typed")

    def resize(self, rows: int, columns: int) -> None:
        """Makes the window another size."""
        fcntl.ioctl(self._descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def sees(self, pattern: str, *, seconds: float = 20.0) -> re.Match[str]:
        """Waits for what the program shows; what was seen is not seen again."""

        def look() -> re.Match[str] | None:
            self._read()
            return re.search(pattern, self.screen)

        found = wait_until(look, seconds=seconds, what=f"{pattern!r} on the screen")
        assert found
        self.screen = self.screen[found.end() :]
        return found

    def ends(self, *, seconds: float = 20.0) -> int:
        """Waits for the end of the program; its exit status."""
        wait_until(self._has_ended, seconds=seconds, what="the end of the program")
        return self._process.returncode

    def hang_up(self, *, seconds: float = 20.0) -> int:
        """Closes the window; the exit status of the program, which hears of it."""
        os.close(self._descriptor)
        self._descriptor = -1
        return self._process.wait(seconds)

    def _has_ended(self) -> bool:
        self._read()
        return self._process.poll() is not None

    def _read(self) -> None:
        with suppress(BlockingIOError, OSError):  # nothing now, or nobody at the other end
            while data := os.read(self._descriptor, 1 << 16):
                self.screen += data.decode("utf-8", "replace")

    def close(self) -> None:
        """Takes the terminal away, and the program with it."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
        if self._process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            self._process.wait()


_BECOME = "import os, sys; os.login_tty(0); os.execvp(sys.argv[1], sys.argv[1:])"


@contextmanager
def terminal(
    argv: Sequence[str], *, cwd: Path, env: Mapping[str, str], rows: int = 24, columns: int = 80
) -> Generator[Terminal]:
    """Runs a program at a terminal for the length of the block."""
    ours, theirs = os.openpty()
    os.set_blocking(ours, False)
    process = subprocess.Popen(
        [sys.executable, "-S", "-c", _BECOME, *argv],
        cwd=cwd,
        env={**os.environ, "TERM": "xterm", **env},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    made = Terminal(ours, process)
    made.resize(rows, columns)
    try:
        yield made
    finally:
        made.close()
