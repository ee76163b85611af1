"""`homeport logs`: what services have printed, and print."""

from __future__ import annotations

from homeport import api
from homeport.cli import terminal
from homeport.cli.service_screen import JsonAudience, ScreenAudience, add_services
from homeport.model.errors import BadInput, HomeportError, NotFound
from homeport.model.status import ServiceStatus

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

DESCRIPTION = """\
Prints what the services of the project have printed, whether they run or not,
and with -f what they print from now on. Logs are kept per service, up to some
megabytes each.
"""
EPILOG = """\
examples:
  homeport logs            the last 100 lines of all services
  homeport logs -f web     this one's, and what it prints from now on
  homeport logs -n 1000 db

exit status: 0 fine, 1 there are none, 2 wrong usage
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The options of `homeport logs`."""
    parser = subparsers.add_parser(
        "logs", help="what services print", description=DESCRIPTION, epilog=EPILOG
    )
    add_services(parser, "only these")
    parser.add_argument("-f", "--follow", action="store_true", help="go on with what comes")
    parser.add_argument(
        "-n", "--lines", metavar="N", default="100", help="how many of the last lines (100)"
    )
    parser.add_argument("--json", action="store_true", help="JSON lines, schema homeport/up@1")


def run(arguments: argparse.Namespace) -> int:
    """Prints what is kept, and follows."""
    tail = _count(arguments.lines)
    style = terminal.style_of_stdout(arguments.color)
    audience = JsonAudience() if arguments.json else ScreenAudience(style)
    try:
        if not arguments.follow:
            for line in api.kept_lines(arguments.directory, arguments.services, tail=tail):
                audience.line(line.service, line.text)
            return 0
        for told in api.follow(arguments.directory, arguments.services, tail=tail):
            if isinstance(told, ServiceStatus):
                audience.change(told)
            else:
                audience.line(told.service, told.text)
    except KeyboardInterrupt:
        return 0
    raise _why_it_ended(arguments.directory)


def _why_it_ended(directory: str) -> HomeportError:
    try:
        api.project_status(directory)
    except HomeportError:
        return NotFound("the services have been stopped")
    return HomeportError(
        "the supervisor has ended the conversation, and its services run on",
        why="their lines were not read as fast as they came",
        next_step="homeport logs -f SERVICE follows one of them",
    )


def _count(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 8:
        return int(text)
    raise BadInput(f"{text!r} is no number of lines", next_step="homeport logs -n 100")
