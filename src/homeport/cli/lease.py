"""`homeport lease`: a port that is really yours, for as long as a program runs."""

from __future__ import annotations

from homeport import api
from homeport.cli import terminal
from homeport.cli.filters import given, port_ranges
from homeport.model.errors import BadInput, NotFound
from homeport.model.lease import LEASED, LeaseFacts, PortTaken
from homeport.model.port import parse_port

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import NoReturn

    from homeport.model.port import PortRange
    from homeport.run.leases import Lease

DESCRIPTION = """\
Runs a program on a port that nobody else can take: the port is held until the
program has bound it, and for as long as it runs. With a name it is the same
port each time, one for each name and project (or git worktree), as long as it
is free. The program finds it in PORT, beside HOST (127.0.0.1) and HOMEPORT_URL,
and as {port} in its arguments.
"""
EPILOG = """\
  homeport lease -- flask run --port {port}
  homeport lease --name web -- npm run dev
  homeport lease --port 8000 -- python3 manage.py runserver {port}
  homeport lease --let-go -- ./server-without-so-reuseaddr
  PORT=$(homeport lease --print web)    kept until this shell ends
  homeport lease --list

A TCP server binds a held port when it sets SO_REUSEADDR, as nearly all do; for
others, and for --udp, the hold is let go just before the program starts: then
no other lease takes the port, but another program could.

exit status: that of the program; 0 printed or listed, 1 there is no such port
to be had, 2 wrong usage
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The options of `homeport lease`."""
    parser = subparsers.add_parser(
        "lease", help="a port that is really yours", description=DESCRIPTION, epilog=EPILOG
    )
    parser.add_argument("words", metavar="CMD", nargs="*", help="the program, best after --")
    option = parser.add_argument
    option("--name", metavar="NAME", help="the same port each time, for this name and project")
    option("--project", metavar="DIR", help="the project that the name is one of (this one)")
    option("--port", metavar="P", help="this port or none")
    option("--range", metavar="A-B", help=f"from these ports ({LEASED})")
    option("--udp", action="store_true", help="a UDP port")
    option("--let-go", action="store_true", help="for a server that sets no SO_REUSEADDR")
    option("--steal", action="store_true", help="end who listens on --port, as `kill` does")
    option("--print", action="store_true", help="print a port, kept until the caller ends")
    option("--for", metavar="PID", dest="keep_for", help="kept until this process ends, instead")
    option("--list", action="store_true", help="what is leased, and by whom")
    option("--json", action="store_true", help="with --list, --print: schema homeport/lease@1")


def run(arguments: argparse.Namespace) -> int:
    """Lists, prints, or becomes the program."""
    _check(arguments)
    if arguments.list:
        _show(api.leases(), arguments)
        return 0
    if arguments.print:
        return _print(arguments)
    return _become(arguments)


def _check(arguments: argparse.Namespace) -> None:
    """Raises `BadInput` for words that do not go together."""
    if not (arguments.words or arguments.print or arguments.list):
        raise BadInput(
            "there is no program to run",
            next_step="homeport lease -- COMMAND, or --print for a port alone",
        )
    if arguments.steal and not arguments.port:
        raise BadInput("--steal is for --port", next_step="homeport lease --port 8000 --steal")
    if arguments.keep_for and not arguments.print:
        raise BadInput("--for is for --print", next_step="homeport lease --print --for PID")
    if arguments.json and not (arguments.print or arguments.list):
        raise BadInput("--json is for --list and --print")
    if arguments.print and len(arguments.words) > 1:
        raise BadInput("--print takes one name, and runs nothing")


def _become(arguments: argparse.Namespace) -> NoReturn:
    lease = _leased(arguments, arguments.name)
    if arguments.let_go or arguments.udp:
        lease.let_go()
    environment = {"PORT": str(lease.port), "HOST": lease.address, "HOMEPORT_URL": lease.url}
    argv = [word.replace("{port}", str(lease.port)) for word in arguments.words]
    terminal.flush()
    api.become(argv, environment, lease)


def _print(arguments: argparse.Namespace) -> int:
    name = arguments.words[0] if arguments.words else arguments.name
    keep_for = None if arguments.keep_for is None else _pid(arguments.keep_for)
    facts = None if arguments.port else _kept(arguments, name, keep_for)
    if facts is None:
        lease = _leased(arguments, name)
        if arguments.let_go or arguments.udp:
            lease.let_go()
        keeper = api.keep(lease, keep_for)
        facts = LeaseFacts(lease.transport, lease.port, lease.key, keeper)
    if arguments.json:
        _show([facts], arguments)
    else:
        terminal.write([str(facts.port)])
    return 0


def _kept(
    arguments: argparse.Namespace, name: str | None, keep_for: int | None
) -> LeaseFacts | None:
    """What was printed before for the same caller under that name."""
    if name is None:
        return None
    project = given(arguments.project, "--project")
    transport = "udp" if arguments.udp else "tcp"
    return api.kept(name, project=project, transport=transport, pid=keep_for)


def _pid(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text)):
        raise BadInput(f"--for {text!r} is no process")
    return int(text)


def _leased(arguments: argparse.Namespace, name: str | None) -> Lease:
    """The lease; with --steal, in the place of who has the port."""
    try:
        return _lease(arguments, name)
    except PortTaken as taken:
        if not arguments.steal:
            raise
        _end_holder(taken)
        return _lease(arguments, name)


def _lease(arguments: argparse.Namespace, name: str | None) -> Lease:
    port = given(arguments.port, "--port")
    return api.lease(
        name,
        project=given(arguments.project, "--project"),
        port=None if port is None else parse_port(port),
        transport="udp" if arguments.udp else "tcp",
        span=_span(arguments.range),
        let_go=arguments.let_go,
    )


def _span(text: str | None) -> PortRange:
    spans = port_ranges(text)
    if len(spans) > 1:
        raise BadInput(f"--range {text!r} is more than one range", next_step="write 3000-3999")
    return spans[0] if spans else LEASED


def _end_holder(taken: PortTaken) -> None:
    """Ends who listens, with the checks of `homeport kill`, and says on standard error what."""
    from homeport.report.kill_text import ending_lines
    from homeport.report.style import Style

    try:
        planned = api.plan_ending(f"{taken.endpoint.transport}/{taken.endpoint.port}")
    except NotFound:
        raise taken from None
    ending = api.end(planned)
    terminal.complain("\n".join(ending_lines(ending, Style())))


def _show(leases: list[LeaseFacts], arguments: argparse.Namespace) -> None:
    from homeport.report.lease_text import lease_json, lease_lines

    if arguments.json:
        from json import dumps

        terminal.write([dumps(lease_json(leases))])
    else:
        terminal.write(lease_lines(leases, terminal.style_of_stdout(arguments.color)))
