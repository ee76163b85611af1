"""`homeport ps`: how the services are that run."""

from __future__ import annotations

import time

from homeport import api
from homeport.cli import terminal
from homeport.cli.service_screen import add_directory
from homeport.model.errors import NotFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from homeport.model.status import ProjectStatus

DESCRIPTION = """\
Shows the services of the project that the directory belongs to, or of all
projects of this user where it belongs to none: state, where each is reached,
port, process. For what is not well it says why, and what was printed last.
"""
EPILOG = """\
examples:
  homeport ps          this project's
  homeport ps --all    all projects'

exit status: 0 fine, 1 one is not well, 2 wrong usage
"""
_NOT_WELL = frozenset(("failed", "unhealthy", "waiting"))


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The options of `homeport ps`."""
    parser = subparsers.add_parser(
        "ps", help="how the services are", description=DESCRIPTION, epilog=EPILOG
    )
    parser.add_argument("-a", "--all", action="store_true", help="those of all projects")
    add_directory(parser)
    parser.add_argument("--json", action="store_true", help="JSON, schema homeport/ps@1")


def run(arguments: argparse.Namespace) -> int:
    """Asks and prints."""
    found = _projects(arguments)
    if arguments.json:
        from json import dumps

        from homeport.report.services_json import status_json

        terminal.write([dumps(status_json(found))])
    elif found:
        from homeport.report.services_text import status_lines

        style = terminal.style_of_stdout(arguments.color)
        terminal.write(status_lines(found, time.time_ns(), style))
    else:
        terminal.complain("homeport: no services run; homeport up starts those of a project")
    states = {service.state.value for project in found for service in project.services}
    return 1 if states & _NOT_WELL else 0


def _projects(arguments: argparse.Namespace) -> tuple[ProjectStatus, ...]:
    if not arguments.all:
        try:
            return (api.project_status(arguments.directory),)
        except NotFound:
            if arguments.directory != ".":
                raise
    return api.projects()
