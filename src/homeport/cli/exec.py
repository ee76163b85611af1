"""`homeport exec`: runs a command that reaches the services, such as the tests."""

from __future__ import annotations

from homeport import api
from homeport.cli import terminal
from homeport.cli.command_words import add_command, words_of
from homeport.cli.service_screen import add_directory

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

DESCRIPTION = """\
Runs a command with what it needs to reach the services that run: DATABASE_URL
and the like are in its environment. Its exit status is the command's.
"""
EPILOG = """\
examples:
  homeport exec -- pytest
  homeport exec -s web -- python manage.py migrate
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The options of `homeport exec`."""
    parser = subparsers.add_parser(
        "exec",
        help="run a command that reaches the services",
        description=DESCRIPTION,
        epilog=EPILOG,
    )
    parser.add_argument(
        "-s", "--service", metavar="SERVICE", help="with the whole environment of this service"
    )
    add_directory(parser)
    add_command(parser)


def run(arguments: argparse.Namespace) -> int:
    """Becomes the command."""
    words = words_of(arguments, "homeport exec -- pytest")
    variables = api.service_environment(arguments.directory, arguments.service)
    terminal.flush()
    api.become_command(words, variables)
