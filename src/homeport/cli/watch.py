"""`homeport watch`: what opens, closes and changes hands, as it happens."""

from __future__ import annotations

import signal
import sys

from homeport import api
from homeport.cli import terminal
from homeport.cli.filters import port_ranges, projects, seconds
from homeport.cli.following import Follower, Limits
from homeport.model.errors import BadInput
from homeport.model.selection import Selection

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from homeport.model.event import Event
    from homeport.see.events.announce import Announcer

DESCRIPTION = """\
What opens, closes and changes its owner on this machine's TCP ports, live: in
place on a terminal, a line for each event through a pipe. Closes are told by
the kernel as they happen, openings are seen within a second. A socket that was
bound and gone in between is shown as passed: whether it listened, nobody knows.
"""
EPILOG = """\
examples:
  homeport watch --port 3000-3999
  homeport watch --json | jq -r 'select(.event == "opened") | .port'
  homeport watch --port 5432 --count 1 --for 30 && echo it moved
  homeport watch --port 8000 --exec 'sh -c "echo $HOMEPORT_EVENT >> log"'
  homeport watch --record          keeps what happens for `homeport history`

--exec runs a command without a shell for each event, at most 4 at once and each
for at most 30 seconds, with the event in its environment: HOMEPORT_EVENT
(opened, closed, owner changed, passed), HOMEPORT_TIME, HOMEPORT_TRANSPORT,
HOMEPORT_ADDRESS, HOMEPORT_PORT, HOMEPORT_INTERFACE, HOMEPORT_PID,
HOMEPORT_NAME, HOMEPORT_USER, HOMEPORT_CWD, HOMEPORT_PROJECT; empty: not known.
--record keeps all events, whatever is shown, for 90 days and at most 64 MiB.

exit status: 0 ended by q, Ctrl-C, TERM, the reader, --for or --count;
1 --for was over before --count events; 2 wrong usage
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The options of `homeport watch`."""
    parser = subparsers.add_parser(
        "watch", help="what opens and closes, live", description=DESCRIPTION, epilog=EPILOG
    )
    which = parser.add_argument_group("which events").add_argument
    which("-u", "--udp", action="store_true", help="bound UDP sockets, too")
    which("--port", metavar="PORTS", help="a port, 80,443 or 3000-3999")
    which("--project", metavar="NAME", help="of this project: its name or a directory")
    what = parser.add_argument_group("what happens with them").add_argument
    what("--exec", metavar="COMMAND", dest="command_line", help="run this for each event")
    what("--notify", action="store_true", help="show each event on the desktop")
    what("--record", action="store_true", help="keep them for `homeport history`")
    _add_forms(parser)


def _add_forms(parser: argparse.ArgumentParser) -> None:
    how = parser.add_argument_group("how they are shown, and how long")
    form = how.add_mutually_exclusive_group().add_argument
    form("--json", action="store_true", help="a line of JSON each, schema homeport/watch@1")
    form("--lines", action="store_true", help="a line each, on a terminal too")
    form("-q", "--quiet", action="store_true", help="not at all (with --record, --exec, --notify)")
    how.add_argument("--for", metavar="SECONDS", dest="for_s", help="end after this time")
    how.add_argument("--count", metavar="N", help="end after so many events")
    how.add_argument(
        "--interval",
        metavar="SECONDS",
        help="the pause between two looks for what opened (0.25 to 1, by what happens)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Watches until something ends it."""
    limits = Limits(seconds(arguments.for_s, "--for"), _count(arguments.count))
    interval_s = seconds(arguments.interval, "--interval", least=0.01)
    wanted = Selection(ports=port_ranges(arguments.port), projects=projects(arguments.project))
    is_live = _is_live(arguments)
    announcer = _announcer(arguments, is_live=is_live)
    with api.watch(udp=arguments.udp, record=arguments.record, interval_s=interval_s) as watch:
        follower = Follower(watch, wanted, limits, announcer)
        if is_live:
            from homeport.cli.watch_screen import show_live

            show_live(follower, terminal.style_of_stdout(arguments.color))
        else:
            _show_lines(follower, _liner(arguments))
    if announcer is not None:
        announcer.close()
    _complain(follower.notices())
    return 0 if follower.satisfied else 1


def _is_live(arguments: argparse.Namespace) -> bool:
    import os

    one_by_one = arguments.json or arguments.lines or arguments.quiet
    return terminal.is_terminal() and not one_by_one and os.environ.get("TERM", "dumb") != "dumb"


def _count(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 10 and int(text)):
        raise BadInput(f"--count {text!r} is no number of events", next_step="give 1 or more")
    return int(text)


def _announcer(arguments: argparse.Namespace, *, is_live: bool) -> Announcer | None:
    if arguments.command_line is None and not arguments.notify:
        return None
    # What a command prints would spoil the screen, and must not mix with lines that a program
    # reads.
    output = None if is_live or sys.stderr is None else sys.stderr.buffer
    return api.announcer(arguments.command_line, desktop=arguments.notify, output=output)


def _liner(arguments: argparse.Namespace) -> Callable[[Event], str] | None:
    if arguments.quiet:
        return None
    if arguments.json:
        from homeport.report.events_json import event_json

        return event_json
    from homeport.report.events_text import event_line

    style = terminal.style_of_stdout(arguments.color)
    return lambda event: event_line(event, style)


def _show_lines(follower: Follower, line_of: Callable[[Event], str] | None) -> None:
    from homeport.cli.screen import signals

    watch = follower.watch
    stops = [(number, watch.stop) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    if sys.stdout is not None and _is_pipe(sys.stdout.fileno()):
        watch.end_with_reader(sys.stdout.fileno())
    with signals(stops, watch.wake_descriptor):
        how = "as they happen" if watch.told else "by looking"
        number = len(follower.listeners())
        terminal.complain(f"watching {number} listener{'s' * (number != 1)}, closes {how}")
        _complain(follower.notices())
        while not follower.over:
            events = follower.step()
            if line_of is not None:
                terminal.write(map(line_of, events))
            if events:
                terminal.flush()
            _complain(follower.notices())


def _is_pipe(descriptor: int) -> bool:
    import os
    import stat

    mode = os.fstat(descriptor).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def _complain(notices: Sequence[str]) -> None:
    from homeport.report.style import printable

    for notice in notices:
        terminal.complain(f"homeport: {printable(notice)}")
