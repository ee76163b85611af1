"""`homeport check TARGET`: why a local service does not work: the one cause, or all is well."""

from __future__ import annotations

from homeport import api
from homeport.cli import terminal
from homeport.model.errors import BadInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

DESCRIPTION = """\
Finds out why a local service does not answer, or answers wrongly: goes through
the layers in the order in which a client meets them, looks at both sides, and
names the one cause with its evidence and its fix. Where the evidence does not
decide, it says what remains and how to tell. It changes nothing: a page is
asked for with GET, a database is greeted as its client does, with no other
password than the one in the URL.
"""
EPILOG = """\
examples:
  homeport check http://localhost:8000
  homeport check 127.0.0.1:5432
  homeport check postgresql://me:secret@localhost/shop
  homeport check --as 4711 http://localhost:8000   as that process sees it

A connection is waited for 1 second, an answer 1.5 seconds; the whole takes 3
seconds at most, unless names are slow (2 seconds more).

exit status: 0 healthy, 1 something was found, 2 wrong usage
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The options of `homeport check`."""
    parser = subparsers.add_parser(
        "check", help="why a service does not work", description=DESCRIPTION, epilog=EPILOG
    )
    parser.add_argument("target", metavar="TARGET", help="a URL, host:port or a port")
    parser.add_argument(
        "--as", dest="as_pid", metavar="PID", help="with the environment and namespace of a process"
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="every layer with its facts")
    parser.add_argument("--json", action="store_true", help="JSON, schema homeport/check@1")


def run(arguments: argparse.Namespace) -> int:
    """Checks, and prints what was found."""
    diagnosis = api.check(arguments.target, as_pid=_pid(arguments.as_pid))
    if arguments.json:
        from homeport.report.check_json import check_json

        terminal.write([check_json(diagnosis)])
    else:
        from homeport.report.check_text import check_lines

        style = terminal.style_of_stdout(arguments.color)
        terminal.write(check_lines(diagnosis, style, verbose=arguments.verbose))
    return 0 if diagnosis.healthy else 1


def _pid(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadInput(f"{text!r} is not a pid", next_step="--as takes 812")
    return int(text)
