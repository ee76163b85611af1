"""`homeport restart`: stops services and starts them again, on the same ports."""

from __future__ import annotations

from homeport import api
from homeport.cli import terminal
from homeport.cli.service_screen import ScreenAudience, add_services

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

DESCRIPTION = """\
Stops services of the project that the directory belongs to and starts them
again, all without a name. Ports, names and data stay as they are; services
that need them go on.
"""
EPILOG = """\
examples:
  homeport restart web

exit status: 0 fine, 1 one failed or nothing runs there, 2 wrong usage
"""
_NOT_WELL = frozenset(("failed", "unhealthy"))


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The options of `homeport restart`."""
    parser = subparsers.add_parser(
        "restart", help="stop services and start them again", description=DESCRIPTION, epilog=EPILOG
    )
    add_services(parser, "only these")
    parser.add_argument("--json", action="store_true", help="JSON, schema homeport/ps@1")


def run(arguments: argparse.Namespace) -> int:
    """Asks the supervisor and shows what happens."""
    style = terminal.style_of_stdout(arguments.color)
    status = api.ask_services(
        "restart",
        arguments.directory,
        arguments.services,
        audience=ScreenAudience(style, quiet=arguments.json),
    )
    if arguments.json:
        from json import dumps

        from homeport.report.services_json import status_json

        terminal.write([dumps(status_json((status,)))])
    return 1 if any(each.state.value in _NOT_WELL for each in status.services) else 0
