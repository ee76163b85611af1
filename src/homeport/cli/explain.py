"""`homeport explain X`: all that is known of an endpoint, or of a pasted line that holds one."""

from __future__ import annotations

import sys

from homeport import api
from homeport.cli import terminal
from homeport.model.errors import BadInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

DESCRIPTION = """\
Tells all there is to know about one endpoint: who has it and why it runs, who
is connected, who can reach it, what the port is for, whether it can be bound,
who had it before, and what to do next. Nothing is changed, and nothing is
connected to but with --identify.
"""
EPILOG = """\
X is an endpoint, a port, a URL, a service, process or project by name, or any
pasted text that holds one; - reads it from standard input:
  homeport explain 127.0.0.1:62893
  homeport explain 5432
  homeport explain postgresql
  homeport explain pid:4711
  homeport explain "Error: connect ECONNREFUSED ::1:5432"
  flask run 2>&1 | homeport explain -

exit status: 0 explained (also when nothing listens), 1 nothing to explain was
found in the text, 2 wrong usage
"""
_MOST_READ = 1 << 20


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The options of `homeport explain`."""
    parser = subparsers.add_parser(
        "explain", help="all about one endpoint or error", description=DESCRIPTION, epilog=EPILOG
    )
    parser.add_argument("words", metavar="X", nargs="*", help="an endpoint, a name, a text, or -")
    parser.add_argument("--pid", metavar="N", help="a process, as pid:N does")
    parser.add_argument(
        "-i", "--identify", action="store_true", help="ask who listens there what it speaks"
    )
    parser.add_argument("--json", action="store_true", help="JSON, schema homeport/explain@1")


def run(arguments: argparse.Namespace) -> int:
    """Explains, and prints it."""
    explanation = api.explain(_text(arguments), identify=arguments.identify)
    if arguments.json:
        from homeport.report.explain_json import explain_json

        terminal.write([explain_json(explanation)])
    else:
        from homeport.report.explain_text import explain_lines

        terminal.write(explain_lines(explanation, terminal.style_of_stdout(arguments.color)))
    return 0


def _text(arguments: argparse.Namespace) -> str:
    if arguments.pid is not None:
        if arguments.words:
            raise BadInput("--pid and X are two questions", next_step="ask one at a time")
        return f"pid:{arguments.pid}"
    if arguments.words == ["-"]:
        return _pasted()
    if not arguments.words:
        raise BadInput("there is nothing to explain", next_step="homeport explain 8000")
    return " ".join(arguments.words)


def _pasted() -> str:
    """Standard input, as much of it as is looked at; what is no UTF-8 is kept as escapes."""
    if sys.stdin is None:
        raise BadInput("standard input is closed", next_step="homeport explain 8000")
    return sys.stdin.buffer.read(_MOST_READ).decode("utf-8", "backslashreplace")
