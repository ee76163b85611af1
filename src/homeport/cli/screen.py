"""A terminal taken over for a while, and given back as it was, whatever ends the program.

The sequences are those of ECMA-48 and of xterm's control sequences (ctlseqs), which every terminal
emulator of today and the Linux console know or ignore.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager, suppress
from typing import Self

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import FrameType
    from typing import TextIO

# The alternate screen, no cursor, no wrapping of long lines; and back.
_ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J"
_LEAVE = "\x1b[?7h\x1b[?25h\x1b[?1049l"


class Screen:
    """Draws lines in place on the terminal that standard output is."""

    def __init__(self) -> None:
        self._shown: list[str] = []
        self._input = _Keys()

    def fileno(self) -> int:
        """The descriptor on which keys come."""
        return self._input.descriptor

    @property
    def has_keys(self) -> bool:
        """Whether there is a keyboard."""
        return self._input.available

    def __enter__(self) -> Self:
        self._input.take()
        self._write(_ENTER)
        return self

    def __exit__(self, *_: object) -> None:
        # A terminal that was closed in the meantime need not be given back.
        with suppress(OSError):
            self._write(_LEAVE)
        with suppress(OSError):
            self._input.give_back()

    def size(self) -> tuple[int, int]:
        """Columns and lines; a terminal that was never told its size counts as 80 by 24."""
        try:
            columns, lines = os.get_terminal_size(sys.stdout.fileno())
        except OSError:
            return 80, 24
        return columns or 80, lines or 24

    def forget(self) -> None:
        """The next `draw` draws every line anew, after the terminal has changed its size."""
        self._shown = []

    def draw(self, lines: Sequence[str]) -> None:
        """Shows the lines, and writes only those that differ from what is shown."""
        pieces = [] if self._shown else ["\x1b[2J"]
        for place, line in enumerate(lines):
            if place >= len(self._shown) or self._shown[place] != line:
                # Cleared first: at the right margin it would take the last character with it.
                pieces.append(f"\x1b[{place + 1};1H\x1b[K{line}")
        if len(lines) < len(self._shown):
            pieces.append(f"\x1b[{len(lines) + 1};1H\x1b[J")
        self._shown = list(lines)
        self._write("".join(pieces))

    def keys(self) -> str:
        """What was typed since the last call; never waits."""
        return self._input.read()

    def suspend(self) -> None:
        """Gives the terminal back, stops the process (Ctrl-Z), and goes on when it is continued."""
        self.__exit__()
        os.kill(os.getpid(), signal.SIGSTOP)
        self.forget()
        self.__enter__()

    def _write(self, text: str) -> None:
        if text:
            sys.stdout.write(text)
            sys.stdout.flush()


class _Keys:
    """The keyboard, one key at a time and without an echo."""

    def __init__(self) -> None:
        # None in a program that was started without a standard input.
        stream: TextIO | None = sys.stdin
        self.descriptor = stream.fileno() if stream is not None and stream.isatty() else -1
        self.available = self.descriptor >= 0
        self._before: list[object] | None = None

    def take(self) -> None:
        if not self.available:
            return
        import termios
        import tty

        self._before = termios.tcgetattr(self.descriptor)
        tty.setcbreak(self.descriptor, termios.TCSADRAIN)

    def give_back(self) -> None:
        if self._before is None:
            return
        import termios

        with suppress(termios.error):
            termios.tcsetattr(self.descriptor, termios.TCSADRAIN, self._before)  # type: ignore[arg-type]
        self._before = None

    def read(self) -> str:
        import select

        if not self.available or not select.select([self.descriptor], [], [], 0)[0]:
            return ""
        with suppress(OSError):
            typed = os.read(self.descriptor, 1024)
            if typed:
                return typed.decode(errors="replace")
        # The end of the input: nobody will press a key any more.
        self.available = False
        return ""


@contextmanager
def signals(
    handlers: Sequence[tuple[signal.Signals, Callable[[], None]]], wake_descriptor: int
) -> Iterator[None]:
    """Calls these on signals for the length of the block, and wakes whoever waits."""
    before = {number: signal.getsignal(number) for number, _ in handlers}
    woken = signal.set_wakeup_fd(wake_descriptor, warn_on_full_buffer=False)
    try:
        for number, handler in handlers:
            # A signal that was ignored from the start (nohup) stays so.
            if before[number] != signal.SIG_IGN:
                signal.signal(number, _calling(handler))
        yield
    finally:
        signal.set_wakeup_fd(woken)
        for number, handler_before in before.items():
            signal.signal(number, handler_before)


def _calling(handler: Callable[[], None]) -> Callable[[int, FrameType | None], None]:
    return lambda _number, _frame: handler()
