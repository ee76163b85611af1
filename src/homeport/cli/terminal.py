"""What stands between the program and the person: streams, width, colours, encoding.

Whatever happens to them (a closed pipe, a full disk, an encoding without a single umlaut) ends in
a clear line or in silence, never in a traceback.
"""

from __future__ import annotations

import io
import os
import signal
import sys
from contextlib import contextmanager, suppress

from homeport.model.errors import BadInput
from homeport.report.style import NEEDED_CHARACTERS, Style

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import TextIO

_ENDING = (signal.SIGTERM, signal.SIGHUP)
COLOR_CHOICES = ("auto", "always", "never")


def make_streams_safe() -> None:
    """What an output's encoding lacks is written as an escape, instead of raising.

    A standard output that was closed before the start fails where it is written to, as any other
    that cannot be.
    """
    if sys.stdout is None:
        sys.stdout = open(os.open(os.devnull, os.O_RDONLY), "w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def style_of_stdout(color: str = "auto") -> Style:
    """What standard output can show; `color` is one of `COLOR_CHOICES`."""
    return Style(
        width=_width(os.environ, sys.stdout),
        color=_has_color(color, os.environ),
        unicode=_has_characters(getattr(sys.stdout, "encoding", None)),
    )


def is_terminal() -> bool:
    """Whether a person reads standard output directly."""
    return sys.stdout is not None and sys.stdout.isatty()


def _width(environment: Mapping[str, str], stream: TextIO | None) -> int | None:
    """The columns of the terminal; None (no limit) through a pipe, unless COLUMNS says so."""
    columns = environment.get("COLUMNS", "")
    # More digits are no width, and int() refuses more than 4300 of them.
    if columns.isascii() and columns.isdigit() and len(columns) < 10 and int(columns):
        return int(columns)
    if stream is None or not stream.isatty():
        return None
    try:
        # A terminal that was never told its size says 0.
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, ValueError):
        return 80


def _has_color(choice: str, environment: Mapping[str, str]) -> bool:
    """--color, then NO_COLOR (no-color.org), then CLICOLOR_FORCE (bixense.com/clicolors)."""
    if choice != "auto":
        return choice == "always"
    if environment.get("NO_COLOR"):
        return False
    if environment.get("CLICOLOR_FORCE", "0") not in {"", "0"}:
        return True
    return is_terminal() and environment.get("TERM", "dumb") != "dumb"


def _has_characters(encoding: str | None) -> bool:
    try:
        NEEDED_CHARACTERS.encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def write(lines: Iterable[str]) -> None:
    """Lines to standard output, many in one write."""
    for line in lines:
        sys.stdout.write(line)
        sys.stdout.write("\n")


def complain(text: str) -> None:
    """A text on standard error, as far as there is one; its lines as wide as that is at most."""
    if sys.stderr is None:
        return
    width = _width(os.environ, sys.stderr)
    if width is not None:
        text = "\n".join(part for line in text.split("\n") for part in _within(line, width))
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:
        discard(sys.stderr)


_NEXT = "  next: "
"""How the line of an error begins that may hold a command to copy: it stays whole."""


def _within(line: str, width: int) -> list[str]:
    if len(line) <= width // 2 or line.startswith(_NEXT):
        return [line]
    from homeport.report.prose import wrapped

    indent = " " * (len(line) - len(line.lstrip()))
    return wrapped(line, Style(width=width), first=indent, rest=f"{indent}  ")


def agrees(question: str, *, otherwise: str, json: bool = False) -> bool:
    """Whether the person at the terminal says yes to a question.

    Raises `BadInput` where there is none, or where only JSON may be printed; `otherwise` is the
    command that does not ask.
    """
    if json:
        raise BadInput("nobody is asked where JSON is printed", next_step=otherwise)
    if sys.stdin is None or not sys.stdin.isatty():
        raise BadInput("nobody can be asked here", next_step=otherwise)
    flush()
    try:
        return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}
    except EOFError:
        return False


def flush() -> None:
    """Everything written so far reaches its receiver now, or raises OSError."""
    if sys.stdout is not None:
        sys.stdout.flush()


def flush_stderr() -> None:
    """What was written to standard error reaches it, as far as there is one."""
    if sys.stderr is not None:
        with suppress(OSError):
            sys.stderr.flush()


def discard(stream: object) -> None:
    """Sends what a stream still holds nowhere, so that the interpreter's exit stays silent."""
    if not isinstance(stream, io.TextIOWrapper):
        return
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except (OSError, ValueError):
        return


@contextmanager
def raw(stream: TextIO) -> Iterator[None]:
    """Hands every key on as it is typed, Ctrl-C too, for the length of the block."""
    import termios
    import tty

    before = termios.tcgetattr(stream.fileno())
    handlers = {number: signal.signal(number, _end) for number in _ENDING}
    try:
        # What was typed before is not to be lost, as by TCSAFLUSH.
        tty.setraw(stream.fileno(), termios.TCSADRAIN)
        yield
    finally:
        termios.tcsetattr(stream.fileno(), termios.TCSADRAIN, before)
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _end(number: int, _: object) -> None:
    """Ends in good order, so that the terminal becomes what it was; the status is a shell's."""
    raise SystemExit(128 + number)
