"""`homeport run`: one command on a leased port, under a name."""

from __future__ import annotations

from homeport import api
from homeport.cli.command_words import add_command, words_of
from homeport.model.port import parse_port

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

DESCRIPTION = """\
Runs a command in this terminal, on a port of its own: PORT, HOST and the
variables that Flask, uvicorn and others read are in its environment, {port}
in its arguments is replaced. While it runs a browser reaches it at
http://NAME.PROJECT.localhost:62893. When it ends nothing of it is left.
"""
EPILOG = """\
examples:
  homeport run -- flask run
  homeport run --name docs -- python -m http.server --bind 127.0.0.1 {port}

exit status: that of the command; 1 it could not be run, 2 wrong usage
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The options of `homeport run`."""
    parser = subparsers.add_parser(
        "run", help="run one command on a leased port", description=DESCRIPTION, epilog=EPILOG
    )
    parser.add_argument("--name", metavar="NAME", help="its name (that of the program)")
    parser.add_argument("--port", metavar="PORT", help="this port and no other")
    add_command(parser)


def run(arguments: argparse.Namespace) -> int:
    """Runs it to its end."""
    words = words_of(arguments, "homeport run -- flask run")
    port = None if arguments.port is None else parse_port(arguments.port)
    return api.run_command(words, name=arguments.name, port=port)
