"""The history for people: who had what, from when to when, the latest first."""

from __future__ import annotations

from homeport.model.process import Process
from homeport.report.events_text import endpoint_text
from homeport.report.moments import closed, local, opened, short
from homeport.report.prose import sentence
from homeport.report.style import Role, Style, cut, printable
from homeport.report.table import Cell, Column, Painted, Section, render
from homeport.wire.program import short_program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from homeport.model.event import Stretch, Tenancy

_COLUMNS = (
    Column("FROM", 8, 0),
    Column("UNTIL", 8, 0),
    Column("ENDPOINT", 21, 0, Role.NAME),
    Column("WHAT", 8, 1),
    Column("PROCESS", 8, 2),
    Column("PROJECT", 8, 3),
    Column("USER", 4, 4),
)

HOW_TO_BEGIN = (
    "Nothing was recorded yet. To begin, leave this running:",
    "  homeport watch --record",
    "As a service of yours, from every login on:",
    "  homeport history --help    shows the unit for systemd",
)


def history_lines(tenancies: Sequence[Tenancy], now_ns: int, style: Style) -> list[str]:
    """The table."""
    rows = [_row(tenancy, now_ns) for tenancy in tenancies]
    return render(_COLUMNS, [Section("", rows)], style)


def _row(tenancy: Tenancy, now_ns: int) -> list[Cell]:
    until = closed(tenancy, now_ns)
    return [
        opened(tenancy, now_ns),
        Painted(until, Role.GOOD) if tenancy.closed_ns is None else until,
        endpoint_text(tenancy.endpoint),
        program(tenancy),
        _process(tenancy),
        tenancy.project or "",
        tenancy.user or "",
    ]


def program(tenancy: Tenancy) -> str:
    """What ran there, as its developer would call it."""
    if tenancy.pid is None:
        return ""
    return short_program(
        Process(pid=tenancy.pid, start_ticks=0, name=tenancy.name, argv=tenancy.argv)
    )


def _process(tenancy: Tenancy) -> Cell:
    if tenancy.pid is None:
        return Painted("unknown", Role.FAINT)
    text = f"{tenancy.name or '?'} {tenancy.pid}"
    return Painted(text, short=text, whole=f" {tenancy.pid}")


def summary(text: str, tenancies: Sequence[Tenancy], now_ns: int, style: Style) -> str:
    """The answer to "when was it last up", in one line; empty where there is none to give."""
    if not tenancies:
        return ""
    latest = next((each for each in tenancies if each.closed_ns is None), tenancies[0])
    who = f" ({program(latest)})" if program(latest) else ""
    if latest.closed_ns is None:
        longer = "" if latest.opened_ns is not None else " or longer"
        line = f"{text} is open now, since {short(latest.seen_ns, now_ns)}{longer}{who}."
    else:
        line = f"{text} was last up until {short(latest.closed_ns, now_ns)}{who}."
        if not latest.closed_known:
            line = f"{text} was last seen at {short(latest.closed_ns, now_ns)}{who}."
    line = printable(line)
    return line if style.width is None else cut(line, style.width, style)


def nobody(what: str, *, covered: bool, recorded: Sequence[Stretch], style: Style) -> list[str]:
    """What to say where nothing matches: nobody had it, or nobody knows."""
    if not recorded:
        # Commands stay whole, to be copied.
        return [
            part
            for line in HOW_TO_BEGIN
            for part in ([line] if line.startswith(" ") else sentence(line, style))
        ]
    began, ended = recorded[0].began_ns, recorded[-1].ended_ns
    extent = f"Recorded was, with gaps, from {local(began)} to {local(ended)}."
    if len(recorded) == 1:
        extent = f"Recorded was from {local(began)} to {local(ended)}."
    if covered:
        return sentence(f"Nobody had {what}.", style)
    unknown = f"Nobody knows about {what}: nothing was recorded then."
    return [*sentence(unknown, style), *sentence(extent, style)]
