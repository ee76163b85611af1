"""`homeport ls`: the listeners, for people, for awk, for programs."""

from __future__ import annotations

from homeport import api
from homeport.cli import terminal
from homeport.cli.filters import given, port_ranges, projects, users
from homeport.model.address import Scope
from homeport.model.endpoint import Transport
from homeport.model.errors import BadInput
from homeport.model.selection import Selection

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from homeport.model.snapshot import Edge, Snapshot
    from homeport.report.cells import Context
    from homeport.report.style import Style

DESCRIPTION = """\
The listening TCP and UDP endpoints of this machine: what each one is, who
owns it and from which project, the class of its port, who can reach it as its
address claims, and since when. Yours come first. Sockets of one program on one
port share a row here; --plain and --json have one for each.
"""
EPILOG = r"""examples:
  homeport ls --port 80,3000-3999
  homeport ls --project .           of the project in this directory
  homeport ls --all --port 5432     its connections, too
  homeport ls --plain | awk '$4 == 8000 { print $10 }'
  homeport ls --json | jq '.listeners[].port'

--identify connects to each listener and asks, so gently that no application
notices: all of them within 1.2 seconds. It never connects to what that would
harm: debuggers that wait, a one-shot `nc -l`. Its answer is in the column
SPEAKS, or in `identity` of --json; ? marks what only the program tells.

--plain prints a line for each socket and no heading. Its fields are separated
by tabs and hold no white space (a blank is \x20); what is not known is -:
  1 transport   4 port          7 scope       10 pids    13 project
  2 state       5 peer address  8 class       11 names   14 since (UTC)
  3 address     6 peer port     9 certainty   12 user    15 network namespace
"""
_SCOPE_NAMES = {**{scope.value: scope for scope in Scope}, "wildcard": Scope.UNSPECIFIED}


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The options of `homeport ls`."""
    parser = subparsers.add_parser(
        "ls", help="what listens on this machine", description=DESCRIPTION, epilog=EPILOG
    )
    _add_filters(parser.add_argument_group("which sockets"))
    _add_forms(parser.add_argument_group("how they are shown"))


def _add_filters(group: argparse._ArgumentGroup) -> None:
    option = group.add_argument
    option("-a", "--all", action="store_true", help="connections, too")
    option("-t", "--tcp", action="store_true", help="TCP (with MPTCP)")
    option("-u", "--udp", action="store_true", help="UDP")
    option("-x", "--unix", action="store_true", help="unix sockets")
    option("--port", metavar="PORTS", help="a port, 80,443 or 3000-3999")
    option("--pid", metavar="PIDS", help="of these processes: 812 or 812,950")
    option("--project", metavar="NAME", help="of this project: its name or a directory")
    option("--scope", choices=_SCOPE_NAMES, metavar="SCOPE", help="one of " + _listed_scopes())
    option("--user", metavar="USER", help="of this user: a name, a uid or `me`")


def _listed_scopes() -> str:
    return ", ".join(_SCOPE_NAMES)


def _add_forms(group: argparse._ArgumentGroup) -> None:
    form = group.add_mutually_exclusive_group().add_argument
    form("--json", action="store_true", help="JSON, schema homeport/ls@1")
    form("--plain", action="store_true", help="one line each for awk")
    form("--tree", action="store_true", help="the processes that lead to each listener")
    form("--graph", action="store_true", help="who talks to whom")
    group.add_argument(
        "-i", "--identify", action="store_true", help="ask each what it speaks (see below)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Prints what was asked for."""
    wanted = _selection(arguments)
    taken = api.snapshot(
        connections=arguments.all or arguments.graph,
        udp=Transport.UDP in wanted.transports,
        unix=Transport.UNIX in wanted.transports,
    )
    selected = api.select(taken, wanted)
    if arguments.identify:
        selected = api.identified(selected)
    if arguments.json:
        from homeport.report.ls_json import ls_json

        terminal.write(ls_json(selected, connections=arguments.all, unix=arguments.unix))
    elif arguments.plain:
        from homeport.report.plain import plain_lines

        terminal.write(plain_lines(selected))
    else:
        style = terminal.style_of_stdout(arguments.color)
        edges = api.select_edges(api.graph(taken), wanted) if arguments.graph else None
        terminal.write(_for_people(selected, edges, arguments, style))
    return 0


def _selection(arguments: argparse.Namespace) -> Selection:
    return Selection(
        transports=_transports(arguments),
        ports=port_ranges(arguments.port),
        pids=_pids(arguments.pid),
        projects=projects(arguments.project),
        scopes=frozenset({_SCOPE_NAMES[arguments.scope]} if arguments.scope else ()),
        users=users(arguments.user),
    )


def _transports(arguments: argparse.Namespace) -> frozenset[Transport]:
    """Those that are named; TCP and UDP where none is."""
    named = {
        Transport.TCP: arguments.tcp,
        Transport.UDP: arguments.udp,
        Transport.UNIX: arguments.unix,
    }
    chosen = frozenset(transport for transport, wanted in named.items() if wanted)
    return chosen or frozenset({Transport.TCP, Transport.UDP})


def _pids(text: str | None) -> frozenset[int]:
    words = [word for word in (given(text, "--pid") or "").split(",") if word]
    for word in words:
        if not (word.isascii() and word.isdigit() and len(word) < 10):
            raise BadInput(f"{word!r} is not a pid", next_step="--pid takes 812 or 812,950")
    return frozenset(map(int, words))


def _for_people(
    selected: Snapshot,
    edges: tuple[Edge, ...] | None,
    arguments: argparse.Namespace,
    style: Style,
) -> Iterator[str]:
    from homeport.report.cells import context_of
    from homeport.report.listing import notes
    from homeport.report.prose import sentence

    context = context_of(selected, api.own_uids())
    if edges is not None:
        from homeport.report.graph_text import graph_lines

        lines = graph_lines(edges, style)
    else:
        lines = _listing(selected, context, style, tree=arguments.tree)
    yield from lines or sentence(_nothing(arguments), style)
    if remarks := notes(selected, context, style):
        yield from ("", *remarks)


def _listing(selected: Snapshot, context: Context, style: Style, *, tree: bool) -> list[str]:
    from homeport.report.listing import connection_lines, listener_lines, unix_lines

    if tree:
        from homeport.report.tree import tree_lines

        first = tree_lines(selected.listeners, context, style)
    else:
        first = listener_lines(api.grouped(selected.listeners), context, style)
    parts = (
        first,
        connection_lines(selected.connections, context, style),
        unix_lines(selected.unix_listeners, context, style),
    )
    lines: list[str] = []
    for part in filter(None, parts):
        lines += ["", *part] if lines else part
    return lines


def _nothing(arguments: argparse.Namespace) -> str:
    """What to say where there is nothing to show."""
    if arguments.graph:
        return "No connection has both of its ends on this machine."
    filters = ("port", "pid", "project", "scope", "user", "tcp", "udp", "unix")
    if any(getattr(arguments, name) for name in filters):
        return "Nothing that matches is listening."
    return "Nothing is listening here."
