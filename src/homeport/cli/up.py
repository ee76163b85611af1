"""`homeport up`: starts a project's services, each on a port of its own, under a name."""

from __future__ import annotations

from contextlib import nullcontext

from homeport import api
from homeport.cli import terminal
from homeport.cli.service_screen import JsonAudience, ScreenAudience, add_services
from homeport.cli.unhurried import unhurried

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

DESCRIPTION = """\
Starts the services of the project that the directory belongs to: what
homeport.toml declares, else a Procfile, the scripts of package.json, the
databases of a compose file, else what is found in the project itself (Flask,
Django, FastAPI, Vite, ...). No port is written anywhere: each service has a
leased one, the same each time, in PORT, and is reached by a browser at
http://SERVICE.PROJECT.localhost:62893. Databases are made for this directory
alone, with a password of their own. When it ends nothing is left running.

Where the services run already, the declaration is read again, and only what
has changed in it is changed.
"""
EPILOG = """\
examples:
  homeport up             all services; Ctrl-C stops them
  homeport up web         this one and what it needs
  homeport up -d          in the background; homeport stop stops them
  homeport up --dry-run   what would be started

A service has 60 seconds to become ready, unless it is declared otherwise.
exit status: 0 fine, 1 a service failed, 2 wrong usage or declaration
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The options of `homeport up`."""
    parser = subparsers.add_parser(
        "up", help="start the project's services", description=DESCRIPTION, epilog=EPILOG
    )
    add_services(parser, "only these, and what they need")
    parser.add_argument("-d", "--detach", action="store_true", help="go on in the background")
    parser.add_argument(
        "-n", "--dry-run", action="store_true", help="only show what would be started"
    )
    parser.add_argument(
        "--json", action="store_true", help="JSON lines, schema homeport/up@1; with -n and -d one"
    )


def run(arguments: argparse.Namespace) -> int:
    """Starts, shows and waits."""
    if arguments.dry_run:
        return _show_plan(arguments)
    if notice := api.trust_notice():
        terminal.complain(f"homeport: {notice}")
    style = terminal.style_of_stdout(arguments.color)
    audience = (
        JsonAudience() if arguments.json else ScreenAudience(style, stays=not arguments.detach)
    )
    with nullcontext(audience) if arguments.detach else unhurried(audience) as told:
        return api.up(
            arguments.directory,
            audience=told,
            services=arguments.services,
            background=arguments.detach,
        )


def _show_plan(arguments: argparse.Namespace) -> int:
    declared = api.declaration(arguments.directory)
    if arguments.json:
        from json import dumps

        from homeport.report.declaration_text import declaration_json

        terminal.write([dumps(declaration_json(declared))])
    else:
        from homeport.report.declaration_text import declaration_lines

        style = terminal.style_of_stdout(arguments.color)
        terminal.write(declaration_lines(declared, style))
    return 0
