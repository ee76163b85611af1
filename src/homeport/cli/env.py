"""`homeport env`: the environment that tests and shells need beside the running services."""

from __future__ import annotations

from homeport import api
from homeport.cli import terminal
from homeport.cli.service_screen import add_directory

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

DESCRIPTION = """\
Prints what programs need to reach the services that run: DATABASE_URL,
REDIS_URL and the like, with their passwords, as lines that a shell reads.
With a service's name all that this one was given itself.
"""
EPILOG = """\
examples:
  eval "$(homeport env)"          for this shell
  homeport env --write .env.test  a file (mode 0600) for tools that read one
  homeport exec -- pytest         for one command

exit status: 0 fine, 1 nothing runs there, 2 wrong usage
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The options of `homeport env`."""
    parser = subparsers.add_parser(
        "env", help="what tests and shells need", description=DESCRIPTION, epilog=EPILOG
    )
    parser.add_argument("service", metavar="SERVICE", nargs="?", help="the whole of this one's")
    add_directory(parser)
    parser.add_argument("--write", metavar="FILE", help="into a file, readable by you alone")
    parser.add_argument("--json", action="store_true", help="JSON, schema homeport/env@1")


def run(arguments: argparse.Namespace) -> int:
    """Prints or writes."""
    variables = api.service_environment(arguments.directory, arguments.service)
    if arguments.json:
        from json import dumps

        from homeport.report.environment_text import environment_json

        lines = [dumps(environment_json(variables))]
    else:
        from homeport.report.environment_text import dotenv_lines, shell_lines

        lines = dotenv_lines(variables) if arguments.write else shell_lines(variables)
    if arguments.write:
        api.write_report(arguments.write, "".join(f"{line}\n" for line in lines))
    else:
        terminal.write(lines)
    return 0
