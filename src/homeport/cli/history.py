"""`homeport history`: who had an endpoint, and when."""

from __future__ import annotations

import time
from itertools import islice

from homeport import api
from homeport.cli import terminal
from homeport.model.errors import BadInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from homeport.model.event import Tenancy

DESCRIPTION = """\
Who had an endpoint, and from when to when, as far as `homeport watch --record`
was running; the latest first. Without X: whatever came and went.
"""
EPILOG = """\
X is an endpoint, a port, a URL, or a part of a process's or project's name:
  homeport history 5432
  homeport history 62893 --at 14:02
  homeport history --since yesterday
  homeport history shop --since 2h --until 30min
  homeport history 127.0.0.1:3000 --at '2026-11-23 14:02' --json

A TIME is 14:02, 2h, yesterday, a date, or ISO 8601; without a zone it is this
machine's. An end that nobody saw is shown as `after` the last time that it was
seen open, a beginning as `by` the first.

To record always, as a service of yours, write
~/.config/systemd/user/homeport-record.service:
  [Unit]
  Description=Homeport's history
  [Service]
  ExecStart=%h/.local/bin/homeport watch --record --quiet
  Restart=on-failure
  [Install]
  WantedBy=default.target
and start it: systemctl --user enable --now homeport-record

The file is $XDG_STATE_HOME/homeport/history.db (~/.local/state/homeport), only
for you. Passwords in command lines are masked as far as they can be recognised.

exit status: 0 something was found, 1 nothing was, 2 wrong usage
"""
_MOST = 100


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The options of `homeport history`."""
    parser = subparsers.add_parser(
        "history",
        help="who had an endpoint, and when",
        description=DESCRIPTION,
        epilog=EPILOG,
    )
    parser.add_argument("target", metavar="X", nargs="?", help="an endpoint or a name")
    when = parser.add_argument_group("when").add_argument
    when("--at", metavar="TIME", help="who had it then")
    when("--since", metavar="TIME", help="not what was over before")
    when("--until", metavar="TIME", help="not what began after")
    option = parser.add_argument
    option("--limit", metavar="N", default=str(_MOST), help=f"at most so many ({_MOST})")
    option("--json", action="store_true", help="JSON, schema homeport/history@1")
    option("--forget", action="store_true", help="delete them from the history")
    option("-y", "--yes", action="store_true", help="really delete; without it, only shown")


def run(arguments: argparse.Namespace) -> int:
    """Shows the history, or forgets it."""
    limit = _limit(arguments.limit)
    if arguments.yes and not arguments.forget:
        raise BadInput("--yes is for --forget")
    if arguments.forget:
        return _forget(arguments, limit)
    found = _found(arguments, limit)
    if arguments.json:
        _print_json(arguments, found, limit)
    else:
        _print_text(arguments, found, limit)
    return 0 if found else 1


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text)):
        raise BadInput(f"--limit {text!r} is no number of rows", next_step="give 1 or more")
    return int(text)


def _times(arguments: argparse.Namespace) -> dict[str, str | None]:
    return {"at": arguments.at, "since": arguments.since, "until": arguments.until}


def _found(arguments: argparse.Namespace, limit: int) -> list[Tenancy]:
    """One more than the limit, when there are more."""
    return list(islice(api.history(arguments.target, **_times(arguments)), limit + 1))


def _print_json(arguments: argparse.Namespace, found: list[Tenancy], limit: int) -> None:
    from homeport.report.history_json import Limited, history_json

    limited = Limited(found[:limit], truncated=len(found) > limit)
    terminal.write(history_json(arguments.target, limited, api.recorded()))


def _print_text(arguments: argparse.Namespace, found: list[Tenancy], limit: int) -> None:
    from homeport.report.history_text import history_lines, nobody, summary
    from homeport.report.prose import sentence

    now_ns = time.time_ns()
    style = terminal.style_of_stdout(arguments.color)
    if not found:
        covered = api.was_recorded(**_times(arguments))
        what = _described(arguments)
        terminal.write(nobody(what, covered=covered, recorded=api.recorded(), style=style))
        return
    if arguments.target is not None and not any(_times(arguments).values()):
        terminal.write([summary(arguments.target, found, now_ns, style), ""])
    terminal.write(history_lines(found[:limit], now_ns, style))
    if len(found) > limit:
        more = f"There is more: --limit shows over {limit}, --since less."
        terminal.write(["", *sentence(more, style)])


def _described(arguments: argparse.Namespace) -> str:
    words = [arguments.target or "anything"]
    words += [f"{name} {text}" for name, text in _times(arguments).items() if text is not None]
    return " ".join(words)


def _forget(arguments: argparse.Namespace, limit: int) -> int:
    if arguments.json:
        raise BadInput("--forget has no --json")
    if not arguments.yes:
        found = _found(arguments, limit)
        if found:
            _print_text(arguments, found, limit)
        count = sum(1 for _ in api.history(arguments.target, **_times(arguments)))
        from homeport.report.prose import sentence

        style = terminal.style_of_stdout(arguments.color)
        terminal.write(sentence(f"{count} would be forgotten; nothing was: add --yes.", style))
        return 0
    count = api.forget(arguments.target, **_times(arguments))
    terminal.write([f"{count} forgotten."])
    return 0
