"""`homeport db`: the data of a project's database: a shell, a dump, a restore, a reset."""

from __future__ import annotations

import os
import sys

from homeport import api
from homeport.cli import terminal
from homeport.cli.service_screen import add_directory
from homeport.model.errors import HomeportError, NotFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from homeport.model.service import Step

ACTIONS = ("shell", "dump", "restore", "reset")
DESCRIPTION = """\
Works on the database of the project, which has to run: opens its shell, dumps
all of its data to standard output, restores what a dump wrote from standard
input, or resets it to how it was when it was made, after asking.
"""
EPILOG = """\
examples:
  homeport db shell
  homeport db dump > before.sql
  homeport db restore < before.sql
  homeport db reset cache --yes

exit status: that of the database's own program; 1 nothing runs, 2 wrong usage
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The options of `homeport db`."""
    parser = subparsers.add_parser(
        "db",
        help="a database's shell, dump, restore, reset",
        description=DESCRIPTION,
        epilog=EPILOG,
    )
    parser.add_argument("action", choices=ACTIONS, help="what to do")
    parser.add_argument("service", metavar="SERVICE", nargs="?", help="which database")
    add_directory(parser)
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask before a reset")
    parser.set_defaults(late="service")


def run(arguments: argparse.Namespace) -> int:
    """Runs the database's own programs."""
    steps, root = api.database_steps(arguments.action, arguments.directory, arguments.service)
    if arguments.action == "reset" and not arguments.yes:
        _ask(arguments)
    if arguments.action == "dump":
        return _dump(steps, root)
    if len(steps) == 1:
        # Its own in every way: Ctrl-C interrupts a statement in a shell, and not the shell.
        terminal.flush()
        api.become_command(steps[0].argv, dict(steps[0].env))
    for step in steps:
        status = _run(step, root)
        if status != 0:
            return status
    return 0


def _dump(steps: Sequence[Step], root: str) -> int:
    """Not the program's own in every way: it need not notice a full disk."""
    terminal.flush()
    for step in steps:
        status = api.write_output(step, root, os.environ, sys.stdout.fileno())
        if status != 0:
            return status
    return 0


def _ask(arguments: argparse.Namespace) -> None:
    """Raises where nobody says yes."""
    which = arguments.service or "the database"
    question = f"All data of {which} will be gone. Reset it?"
    if not terminal.agrees(question, otherwise="homeport db reset --yes"):
        raise HomeportError("nothing was changed")


def _run(step: Step, root: str) -> int:
    import subprocess

    environment = {**os.environ, **dict(step.env)}
    try:
        return subprocess.run(step.argv, cwd=root, env=environment, check=False).returncode
    except OSError as error:
        raise NotFound(f"{step.argv[0]} cannot be run", why=error.strerror) from None
    except KeyboardInterrupt:
        return 130
