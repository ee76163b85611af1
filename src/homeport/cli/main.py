"""The command line: which command runs, and what becomes of its errors.

Each command is a module of this package with `add_parser` and `run`; only that of the chosen one
is loaded, unless help for all of them is wanted.
"""

from __future__ import annotations

import argparse
import errno
import gc
import os
import sys
from functools import lru_cache

from homeport import __version__
from homeport.cli import terminal
from homeport.model.errors import BadInput, HomeportError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType
    from typing import NoReturn

    from _typeshed import SupportsWrite

COMMANDS = (
    "ls",
    "explain",
    "check",
    "watch",
    "history",
    "kill",
    "up",
    "ps",
    "logs",
    "stop",
    "restart",
    "attach",
    "open",
    "env",
    "exec",
    "db",
    "prune",
    "run",
    "lease",
    "trust",
    "completion",
)
"""The commands in the order of the help; each is a module of this package."""

FINE, FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130

DESCRIPTION = "See what is on this machine's ports, who owns it, and who can reach it."
EPILOG = """\
`homeport` alone is `homeport ls`, and takes its options.

examples:
  homeport                     what listens, yours first
  homeport --port 3000-3999    only these ports
  homeport explain 62893       all that is known of one endpoint
  homeport check URL           why it does not work, and what mends it
  homeport kill 8000           end what listens there, after asking

exit status: 0 fine, 1 something failed or was refused, 2 wrong usage
`homeport COMMAND --help` tells more.
COLUMNS, NO_COLOR and CLICOLOR_FORCE are heeded.
"""


class _Help(argparse.RawDescriptionHelpFormatter):
    def __init__(self, prog: str) -> None:
        # With a width of its own argparse needs no shutil, which costs 5 ms.
        super().__init__(prog, max_help_position=26, width=_help_width())


@lru_cache(maxsize=1)
def _help_width() -> int:
    return min(terminal.style_of_stdout().width or 80, 100) - 2


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are errors like all others."""

    def __init__(self, **options: object) -> None:
        options.setdefault("formatter_class", _Help)
        super().__init__(allow_abbrev=False, **options)  # type: ignore[arg-type]

    def error(self, message: str) -> NoReturn:
        """Wrong usage of the command that is being read."""
        raise BadInput(message, next_step=f"{self.prog} --help")

    def _print_message(self, message: str, file: SupportsWrite[str] | None = None) -> None:
        # argparse itself hides that help could not be written.
        if file is not None:
            file.write(message)


def build_parser(only: str | None = None) -> argparse.ArgumentParser:
    """The whole command line; with `only`, no other command than that one."""
    parser = Parser(prog="homeport", description=DESCRIPTION, epilog=EPILOG)
    parser.add_argument("--version", action="version", version=f"homeport {__version__}")
    _add_color(parser, default="auto")
    # Given its name, argparse need not format a usage to find it.
    commands = parser.add_subparsers(
        prog="homeport", title="commands", metavar="COMMAND", dest="command", required=True
    )
    for name in COMMANDS if only is None else (only,):
        command = _module(name)
        command.add_parser(commands)
        _add_color(commands.choices[name], default=argparse.SUPPRESS)
        commands.choices[name].set_defaults(run=command.run)
    return parser


def _add_color(parser: argparse.ArgumentParser, default: str) -> None:
    parser.add_argument(
        "--color",
        choices=terminal.COLOR_CHOICES,
        default=default,
        help="colour the output; auto does on a terminal",
    )


def _module(name: str) -> ModuleType:
    full = f"homeport.cli.{name}"
    __import__(full)
    return sys.modules[full]


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line; the exit status: 0 fine, 1 failed, 2 wrong usage, 130 interrupted."""
    terminal.make_streams_safe()
    try:
        status = _status(list(sys.argv[1:] if argv is None else argv))
        terminal.flush()
    except BrokenPipeError:
        # Whoever read the output has seen enough: that is no failure.
        terminal.discard(sys.stdout)
        return FINE
    except OSError as error:
        terminal.discard(sys.stdout)
        terminal.complain(f"homeport: {_told(error)}")
        return FAILED
    return status


def entry() -> NoReturn:
    """Where the installed command begins: `main`, in a process of its own."""
    # Measured: collecting what start-up leaves behind, and taking the interpreter down in good
    # order, are a quarter of the time of `homeport ls --plain`. A long `watch` still collects.
    gc.set_threshold(50_000)
    status = main()
    terminal.flush_stderr()
    os._exit(status)


_OUTPUT_LOST = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)


def _told(error: OSError) -> str:
    """What the system refused; what is not translated below comes mostly from writing output."""
    reason = error.strerror or str(error)
    if error.errno in _OUTPUT_LOST and not error.filename:
        return f"cannot write the output: {reason}"
    return f"{error.filename or 'the operating system refuses'}: {reason}"


def _status(argv: list[str]) -> int:
    from homeport.report.errors_text import render

    try:
        return _run(argv)
    except HomeportError as error:
        terminal.flush()
        terminal.complain(render(error))
        return WRONG_USAGE if isinstance(error, BadInput) else FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except MemoryError:
        terminal.complain("homeport: there is not enough memory")
        return FAILED
    except SystemExit as stop:
        # --help and --version end this way.
        return stop.code if isinstance(stop.code, int) else FINE


def _run(argv: list[str]) -> int:
    words, place = with_command(argv)
    only = words[place] if place is not None else None
    arguments, unknown = build_parser(only).parse_known_args(words)
    # Up to Python 3.12 argparse gives a second positional nothing where an option comes before it.
    late = getattr(arguments, "late", None)
    if late and not getattr(arguments, late) and unknown and not unknown[0].startswith("-"):
        setattr(arguments, late, unknown.pop(0))
    if unknown:
        raise _no_option(unknown[0], only or "")
    status = arguments.run(arguments)
    return int(status)


def _no_option(word: str, command: str) -> BadInput:
    what = "option" if word.startswith("-") else "argument"
    step = f"homeport {command} --help"
    if command == "ls" and word.isdigit():
        step = f"homeport ls --port {word}"
    return BadInput(f"`homeport {command}` has no {what} {word!r}", next_step=step)


def with_command(argv: list[str]) -> tuple[list[str], int | None]:
    """The arguments with `ls` where no command is named, and where the command stands.

    None where help for all commands is wanted. Raises `BadInput` for a command that there is not.
    """
    place = _after_color(argv)
    word = argv[place] if place < len(argv) else ""
    if word in {"-h", "--help", "--version"}:
        return argv, None
    if not word or word.startswith("-"):
        return [*argv[:place], "ls", *argv[place:]], place
    if word not in COMMANDS:
        raise _no_command(word)
    return argv, place


def _after_color(argv: list[str]) -> int:
    """Where the options end that may stand before a command."""
    place = 0
    while place < len(argv) and argv[place].startswith("--color"):
        place += 1 if "=" in argv[place] else 2
    return min(place, len(argv))


def _no_command(word: str) -> BadInput:
    from difflib import get_close_matches

    near = get_close_matches(word, COMMANDS, n=1)
    if near:
        step = f"did you mean `homeport {near[0]}`?"
    elif any(character.isdigit() for character in word):
        step = f"to learn about an endpoint: homeport explain {word}"
    else:
        step = "homeport --help names the commands"
    return BadInput(f"there is no command {word!r}", next_step=step)


if __name__ == "__main__":
    entry()
