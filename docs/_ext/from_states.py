"""The directives `state-machine` and `state-table`: how a service is run, from the table itself.

The picture is an SVG within the page: no program and no network is needed to draw it. Only where
each phase stands is laid down here; every arrow comes from the table, and a phase without a place
fails the build.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from docutils import nodes
from docutils.parsers.rst import Directive

from homeport.run.supervise.states import IGNORED, RUNNING, TABLE, Event, Phase

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sphinx.application import Sphinx

    Point = tuple[float, float]

WIDE, HIGH = 92, 30
WANTED = {Event.START, Event.STOP, Event.RESTART}
ROWS = (
    (
        Phase.NEEDING,
        Phase.PREPARING,
        Phase.SPAWNING,
        Phase.PROBING,
        Phase.FINISHING,
        Phase.READY,
        Phase.UNHEALTHY,
    ),
    (Phase.RESTARTING, Phase.STOPPING, Phase.FAILING, Phase.DYING),
    (Phase.WAITING, Phase.STOPPED, Phase.FAILED, Phase.DONE),
)
PITCH, TOPS = (140, 210, 210), (60, 250, 400)
PLACES: dict[Phase, Point] = {
    phase: (70 + PITCH[row] * column + (80 if row else 0), TOPS[row])
    for row, phases in enumerate(ROWS)
    for column, phase in enumerate(phases)
}
FRAME_LEFT, FRAME_RIGHT = (
    PLACES[RUNNING[0]][0] - WIDE / 2 - 12,
    PLACES[RUNNING[-1]][0] + WIDE / 2 + 12,
)
FRAME_TOP, FRAME_BOTTOM = TOPS[0] - HIGH / 2 - 26, TOPS[0] + HIGH / 2 + 12
STYLE = (
    "<style>.hp-s{stroke:currentColor;fill:none}.hp-s.hp-w{stroke-dasharray:4 3;opacity:.6}"
    ".hp-t{fill:currentColor;font:12px sans-serif;text-anchor:middle}.hp-t.hp-l{font-size:10px}"
    ".hp-h{fill:currentColor}</style>"
)
HEAD = (
    '<marker id="hp-head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7"'
    ' orient="auto-start-reverse"><path class="hp-h" d="M0 0L8 4L0 8z"/></marker>'
)


class MachineDirective(Directive):
    """The picture."""

    def run(self) -> list[nodes.Node]:
        """For HTML; the table beside it says the same to everything else."""
        return [nodes.raw("", picture(), format="html")]


def picture() -> str:
    """The SVG."""
    parts = [*map(_box, Phase), _frame(), *_arrows()]
    body = "".join(parts)
    return (
        '<svg viewBox="0 0 1000 440" role="img" style="width:100%;height:auto"'
        f' aria-label="The phases of a service">{STYLE}<defs>{HEAD}</defs>{body}</svg>'
    )


def _box(phase: Phase) -> str:
    x, y = PLACES[phase]
    return (
        f'<rect class="hp-s" x="{x - WIDE / 2:g}" y="{y - HIGH / 2:g}" width="{WIDE}"'
        f' height="{HIGH}" rx="6"/><text class="hp-t" x="{x:g}" y="{y + 4:g}">{phase.value}</text>'
    )


def _frame() -> str:
    return (
        f'<rect class="hp-s hp-w" x="{FRAME_LEFT:g}" y="{FRAME_TOP:g}"'
        f' width="{FRAME_RIGHT - FRAME_LEFT:g}" height="{FRAME_BOTTOM - FRAME_TOP:g}" rx="10"/>'
    )


def _arrows() -> Iterator[str]:
    """One for each pair of phases, with all the events that lead from one to the other."""
    pairs: dict[tuple[Phase | None, Phase], list[Event]] = {}
    for (before, event), (after, _) in TABLE.items():
        start = None if _of_all_running(event) and before in RUNNING else before
        events = pairs.setdefault((start, after), [])
        if event not in events and before is not after:
            events.append(event)
    return (_arrow(*pair, events) for pair, events in pairs.items() if events)


def _of_all_running(event: Event) -> bool:
    """Whether the event leads from each phase in the frame to the same one."""
    return len({TABLE.get((phase, event)) for phase in RUNNING}) == 1


def _arrow(before: Phase | None, after: Phase, events: Sequence[Event]) -> str:
    start, end, bend = _course(before, after)
    middle = ((start[0] + 2 * bend[0] + end[0]) / 4, (start[1] + 2 * bend[1] + end[1]) / 4)
    kind = "hp-s hp-w" if WANTED.issuperset(events) else "hp-s"
    text = ", ".join(event.value for event in events)
    path = f"M{start[0]:g} {start[1]:g}Q{bend[0]:g} {bend[1]:g} {end[0]:g} {end[1]:g}"
    return (
        f"<g><title>{escape(before or 'running')} → {escape(after)}: {escape(text)}</title>"
        f'<path class="{kind}" d="{path}" marker-end="url(#hp-head)"/>{_label(events, middle)}</g>'
    )


def _label(events: Sequence[Event], at: Point) -> str:
    """What happens, one below the other, so that it fits between two boxes.

    What somebody asked for is left out: the dashes say that, and the title of the arrow tells.
    """
    events = [event for event in events if event not in WANTED]
    lines = "".join(
        f'<tspan x="{at[0]:g}" dy="{11 if number else 0}">{escape(event.value)}</tspan>'
        for number, event in enumerate(events)
    )
    y = at[1] - 4 - 11 * (len(events) - 1)
    return f'<text class="hp-t hp-l" x="{at[0]:g}" y="{y:g}">{lines}</text>' if lines else ""


def _course(before: Phase | None, after: Phase) -> tuple[Point, Point, Point]:
    """Where an arrow begins and ends, and the point towards which it bends."""
    x, y = PLACES[after]
    if before is None:
        start = (min(max(x, FRAME_LEFT + 20), FRAME_RIGHT - 20), FRAME_BOTTOM)
        end = (x, y - HIGH / 2)
        return start, end, _between(start, end)
    from_x, from_y = PLACES[before]
    if from_y == y:
        return _within_a_row(from_x, x, y)
    down = 1 if y > from_y else -1
    start, end = (from_x, from_y + down * HIGH / 2), (x, y - down * HIGH / 2)
    bend = _between(start, end)
    return start, end, bend if down > 0 else (bend[0] - 30, bend[1])


def _within_a_row(from_x: float, x: float, y: float) -> tuple[Point, Point, Point]:
    side = 1 if x > from_x else -1
    # What leads back runs below what leads on.
    level = y - 5 if side > 0 else y + 9
    start, end = (from_x + side * WIDE / 2, level), (x - side * WIDE / 2, level)
    if abs(x - from_x) <= max(PITCH):
        return start, end, _between(start, end)
    return (from_x, y + HIGH / 2), (x, y + HIGH / 2), ((from_x + x) / 2, y + 70)


def _between(start: Point, end: Point) -> Point:
    return ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)


class TableDirective(Directive):
    """Every row of the table."""

    def run(self) -> list[nodes.Node]:
        """Phase, event, what follows; then what is ignored."""
        rows = [
            (before.value, event.value, after.value, ", ".join(each.value for each in commands))
            for (before, event), (after, commands) in TABLE.items()
        ]
        rows.sort(key=lambda row: [phase.value for phase in Phase].index(row[0]))
        titles = ("In phase", "what happens", "leads to", "and has done")
        ignored = [
            (phase.value, ", ".join(sorted(event.value for event in IGNORED[phase])))
            for phase in Phase
            if phase in IGNORED
        ]
        return [_table(titles, rows), _table(("In phase", "changes nothing"), ignored)]


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> nodes.Node:
    group = nodes.tgroup("", cols=len(titles))
    for _ in titles:
        group += nodes.colspec(colwidth=1)
    group += nodes.thead("", _row(titles))
    group += nodes.tbody("", *map(_row, rows))
    return nodes.table("", group)


def _row(cells: Iterable[str]) -> nodes.Node:
    return nodes.row("", *(nodes.entry("", nodes.paragraph(each, each)) for each in cells))


def setup(app: Sphinx) -> dict[str, bool]:
    """Registers the directives."""
    app.add_directive("state-machine", MachineDirective)
    app.add_directive("state-table", TableDirective)
    return {"parallel_read_safe": True}
