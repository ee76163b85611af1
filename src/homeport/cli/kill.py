"""`homeport kill`: ends what listens on an endpoint, after showing what that is."""

from __future__ import annotations

from homeport import api
from homeport.cli import terminal
from homeport.cli.filters import seconds

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from homeport.model.ending import Ending, Plan

DESCRIPTION = """\
Ends the process that listens on an endpoint, and never one that is only
connected to it. Shows first what would end, and asks. The process is asked to
end (TERM) and, when it has not after the time given, made to (KILL). Process
1, this command, and the shell and terminal that it runs in are never ended.
"""
EPILOG = """\
X is an endpoint, a port, a URL, or pid:NUMBER:
  homeport kill 8000
  homeport kill 127.0.0.1:8000
  homeport kill udp/5353
  homeport kill http://localhost:3000
  homeport kill pid:4711 --dry-run

exit status: 0 the endpoint is free (or --dry-run), 1 it is not, 2 wrong usage
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The options of `homeport kill`."""
    parser = subparsers.add_parser(
        "kill", help="end what listens on an endpoint", description=DESCRIPTION, epilog=EPILOG
    )
    parser.add_argument("target", metavar="X", help="what listens there is ended")
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask")
    parser.add_argument("-n", "--dry-run", action="store_true", help="only show what would end")
    parser.add_argument(
        "--timeout",
        metavar="SECONDS",
        default="5",
        help="how long to wait after TERM, and again after KILL (5)",
    )
    parser.add_argument("--json", action="store_true", help="JSON, schema homeport/kill@1")


def run(arguments: argparse.Namespace) -> int:
    """Shows, asks, ends, and looks again."""
    timeout_s = seconds(arguments.timeout, "--timeout") or 0.0
    planned = api.plan_ending(arguments.target)
    if not arguments.json:
        _show_plan(planned, arguments.color)
    if arguments.dry_run:
        if arguments.json:
            _print_plan_json(planned)
        return 0
    if not arguments.yes and not _agreed(arguments):
        terminal.complain("homeport: nothing was ended")
        return 1
    ending = api.end(planned, timeout_s=timeout_s)
    _show_ending(ending, arguments)
    return 1 if ending.remaining else 0


def _show_plan(planned: Plan, color: str) -> None:
    from homeport.report.kill_text import plan_lines

    terminal.write(plan_lines(planned, terminal.style_of_stdout(color)))


def _agreed(arguments: argparse.Namespace) -> bool:
    otherwise = f"homeport kill {arguments.target} --yes, or --dry-run to look only"
    return terminal.agrees("End it?", otherwise=otherwise, json=arguments.json)


def _print_plan_json(planned: Plan) -> None:
    from json import dumps

    from homeport.report.kill_text import plan_json

    terminal.write([dumps(plan_json(planned))])


def _show_ending(ending: Ending, arguments: argparse.Namespace) -> None:
    from homeport.report.kill_text import ending_json, ending_lines

    if arguments.json:
        from json import dumps

        terminal.write([dumps(ending_json(ending))])
    else:
        terminal.write(ending_lines(ending, terminal.style_of_stdout(arguments.color)))
