"""`homeport stop`: stops services, or all of a project."""

from __future__ import annotations

from homeport import api
from homeport.cli import terminal
from homeport.cli.service_screen import ScreenAudience, add_services
from homeport.model.errors import BadInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

DESCRIPTION = """\
Stops services of the project that the directory belongs to, and before them
those that need them. Without a name all of them, and their supervisor, so
that nothing is left. Each is asked to end, with its own signal, and made to
when it has not in its time (10 seconds, unless it is declared otherwise).
"""
EPILOG = """\
examples:
  homeport stop           all services of this project
  homeport stop worker    this one
  homeport stop --now     without waiting for them
  homeport stop --all     those of all projects

exit status: 0 fine, 1 nothing runs there, 2 wrong usage
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The options of `homeport stop`."""
    parser = subparsers.add_parser(
        "stop", help="stop services", description=DESCRIPTION, epilog=EPILOG
    )
    add_services(parser, "only these, and what needs them")
    parser.add_argument("-a", "--all", action="store_true", help="those of all projects")
    parser.add_argument("--now", action="store_true", help="end them by force, at once")
    parser.add_argument("--json", action="store_true", help="JSON, schema homeport/ps@1")


def run(arguments: argparse.Namespace) -> int:
    """Asks the supervisor and shows what happens."""
    if arguments.all and arguments.services:
        raise BadInput("with --all no service is named", next_step="leave one of the two out")
    style = terminal.style_of_stdout(arguments.color)
    audience = ScreenAudience(style, quiet=arguments.json)
    if arguments.all:
        stopped = api.stop_all(audience=audience, force=arguments.now)
    else:
        action = "stop" if arguments.services else "down"
        where, which = arguments.directory, arguments.services
        stopped = (api.ask_services(action, where, which, audience=audience, force=arguments.now),)
    if arguments.json:
        from json import dumps

        from homeport.report.services_json import status_json

        terminal.write([dumps(status_json(stopped))])
    return 0
