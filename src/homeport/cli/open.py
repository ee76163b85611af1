"""`homeport open`: a service in the browser."""

from __future__ import annotations

from homeport import api
from homeport.cli import terminal
from homeport.cli.service_screen import add_directory
from homeport.model.errors import BadInput, NotFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

DESCRIPTION = """\
Opens a service of the project in the browser, under its name. Without one the
service that stands for the project.
"""
EPILOG = """\
examples:
  homeport open
  homeport open api
  homeport open api --print    only its address

exit status: 0 fine, 1 there is no such service, or no browser, 2 wrong usage
"""
_FRONT = ("web", "app", "site", "frontend")


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The options of `homeport open`."""
    parser = subparsers.add_parser(
        "open", help="a service in the browser", description=DESCRIPTION, epilog=EPILOG
    )
    parser.add_argument("service", metavar="SERVICE", nargs="?", help="which one")
    add_directory(parser)
    parser.add_argument("--print", action="store_true", help="only print the address")


def run(arguments: argparse.Namespace) -> int:
    """Finds the address and opens it."""
    address = _address(arguments)
    if arguments.print:
        terminal.write([address])
        return 0
    import webbrowser

    if not webbrowser.open(address):
        raise NotFound("no browser can be started here", next_step=f"open {address}")
    return 0


def _address(arguments: argparse.Namespace) -> str:
    status = api.project_status(arguments.directory)
    by_name = {each.name: each.public_url for each in status.services if each.public_url}
    if arguments.service is not None:
        if arguments.service not in by_name:
            raise NotFound(
                f"there is no web service {arguments.service!r} in {status.name}",
                next_step=f"there are: {', '.join(by_name) or 'none'}",
            )
        return str(by_name[arguments.service])
    front = list(by_name) if len(by_name) == 1 else [name for name in _FRONT if name in by_name]
    if not front:
        raise BadInput("which one?", next_step=f"homeport open {'|'.join(by_name) or 'SERVICE'}")
    return str(by_name[front[0]])
