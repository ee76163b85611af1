"""What happens on the ports, for people: an event as a line, and a screen that stays current."""

from __future__ import annotations

from homeport.model.endpoint import Transport
from homeport.model.event import Event, EventKind
from homeport.model.record import NamedTuple
from homeport.report.cells import process_text, project_text, reach_cell
from homeport.report.moments import local, short
from homeport.report.style import Role, Style, cut, padded, printable
from homeport.report.table import Cell, Column, Painted, Section, render
from homeport.report.words import ago, oldest_first
from homeport.wire.program import short_program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from homeport.model.endpoint import Endpoint
    from homeport.model.process import Process
    from homeport.model.sockets import Listener
    from homeport.report.cells import Context

NEW_NS = 10_000_000_000
"""For how long a listener that has just opened is marked."""

_WORDS = {
    EventKind.OPENED: ("opened", Role.GOOD),
    EventKind.CLOSED: ("closed", Role.BAD),
    EventKind.OWNER_CHANGED: ("new owner", Role.CARE),
    EventKind.PASSED: ("passed", Role.FAINT),
}
_WORD_WIDTH = 9
_ENDPOINT_WIDTH = 21  # an IPv4 address with the longest port
_SHARE_OF_CHANGES = 3


def event_line(event: Event, style: Style) -> str:
    """An event as one line: `2026-11-23 14:02:11  opened     127.0.0.1:5432 …`."""
    word, role = _WORDS[event.kind]
    start = f"{local(event.at_ns)}  "
    rest = [padded(endpoint_text(event.endpoint), _ENDPOINT_WIDTH), *_who(event)]
    text = printable("  ".join(part for part in rest if part).rstrip())
    if style.width is not None:
        text = cut(text, max(1, style.width - len(start) - _WORD_WIDTH - 2), style)
    return f"{start}{style.paint(padded(word, _WORD_WIDTH), role)}  {text}"


def event_notification(event: Event) -> tuple[str, str]:
    """An event as the title and the text of a notification."""
    title = f"{endpoint_text(event.endpoint)} {_WORDS[event.kind][0]}"
    return printable(title), printable("  ".join(part for part in _who(event) if part))


def endpoint_text(endpoint: Endpoint) -> str:
    """An endpoint; the transport is said where it is not TCP."""
    plain = endpoint.transport is Transport.TCP
    return str(endpoint) if plain else f"{endpoint.transport.value} {endpoint}"


def _who(event: Event) -> list[str]:
    """What runs there, which process that is, and whose it was before."""
    if event.kind is EventKind.PASSED:
        return ["bound and gone between two looks"]
    words = [program_of(event.owners), holder_of(event.owners), project_of(event.owners)]
    if event.kind is EventKind.OWNER_CHANGED:
        words.append(f"(was {holder_of(event.previous) or 'unknown'})")
    return words


def program_of(owners: tuple[Process, ...]) -> str:
    """What the first of the holders runs."""
    return short_program(oldest_first(owners)[0]) if owners else ""


def holder_of(owners: tuple[Process, ...]) -> str:
    """The first of the holders, and how many there are beside it."""
    if not owners:
        return ""
    more = f" +{len(owners) - 1}" if len(owners) > 1 else ""
    return process_text(oldest_first(owners)[0]) + more


def _holder_cell(owners: tuple[Process, ...]) -> Cell:
    """The same for a table, in which the name may be cut and the pid may not."""
    text = holder_of(owners)
    name = (oldest_first(owners)[0].name or "?") if owners else ""
    return Painted(text, short=text, whole=text.removeprefix(name))


def project_of(owners: tuple[Process, ...]) -> str:
    """The project of the first holder that has one."""
    found = next((each.project for each in oldest_first(owners) if each.project), None)
    return project_text(found) if found else ""


class View(NamedTuple):
    """What a screen shows: what is open, what happened (the newest first), what has to be said.

    `total` counts all events since `began_ns`.
    """

    listeners: Sequence[Listener]
    events: Sequence[Event]
    notices: Sequence[str]
    began_ns: int
    now_ns: int
    total: int
    how_to_end: str


_CHANGES = (
    Column("TIME", 8, 0, Role.FAINT),
    Column("CHANGE", 6, 0),
    Column("ENDPOINT", 21, 0, Role.NAME),
    Column("WHAT", 8, 2),
    Column("OWNER", 8, 1),
    Column("PROJECT", 8, 3),
)
_OPEN = (
    Column("ENDPOINT", 21, 0, Role.NAME),
    Column("WHAT", 8, 1),
    Column("OWNER", 8, 2),
    Column("PROJECT", 8, 3),
    Column("REACH", 12, 5),  # "this ma…" tells nobody anything
    Column("UP", 5, 4, Role.FAINT),
)


def frame(view: View, context: Context, style: Style, height: int) -> list[str]:
    """The lines of a screen: at most `height` of them, none wider than the style allows."""
    head = [_title(view, style), *(_notice(notice, style) for notice in view.notices)]
    room = max(0, height - len(head))
    changes = _changes(view, style, max(2, room // _SHARE_OF_CHANGES)) if view.events else []
    listeners = _listeners(view, context, style)
    room -= len(changes)
    if len(listeners) > room > 0:
        hidden = f"and {len(listeners) - room + 1} more: --port or --project narrows"
        listeners = [*listeners[: room - 1], style.paint(_cut(hidden, style), Role.FAINT)]
    return [*head, *changes, *listeners][: max(1, height)]


def _title(view: View, style: Style) -> str:
    since = short(view.began_ns, view.now_ns)
    text = f"homeport watch: {len(view.listeners)} open, {view.total} changes since {since}"
    return style.paint(_cut(f"{text}  ({view.how_to_end})", style), Role.HEADING)


def _notice(text: str, style: Style) -> str:
    return style.paint(_cut(printable(text), style), Role.CARE)


def _cut(text: str, style: Style) -> str:
    return text if style.width is None else cut(text, style.width, style)


def _changes(view: View, style: Style, height: int) -> list[str]:
    # The heading of the columns, the rows, and a blank line.
    rows = [_change(event, view.now_ns) for event in view.events[: max(1, height - 2)]]
    return [*render(_CHANGES, [Section("", rows)], style), ""]


def _change(event: Event, now_ns: int) -> list[Cell]:
    word, role = _WORDS[event.kind]
    return [
        short(event.at_ns, now_ns),
        Painted(word, role),
        endpoint_text(event.endpoint),
        program_of(event.owners),
        _holder_cell(event.owners),
        project_of(event.owners),
    ]


def _listeners(view: View, context: Context, style: Style) -> list[str]:
    if not view.listeners:
        return [_cut("Nothing is listening.", style)]
    fresh = {
        (event.endpoint, event.inode)
        for event in view.events
        if event.kind is EventKind.OPENED and view.now_ns - event.at_ns < NEW_NS
    }
    rows = [_open_row(each, fresh, view.now_ns, context) for each in view.listeners]
    return render(_OPEN, [Section("", rows)], style)


def _open_row(
    listener: Listener, fresh: set[tuple[Endpoint, int]], now_ns: int, context: Context
) -> list[Cell]:
    endpoint = endpoint_text(listener.endpoint)
    is_fresh = (listener.endpoint, listener.inode) in fresh
    owners = oldest_first(listener.owners)
    return [
        Painted(endpoint, Role.GOOD) if is_fresh else endpoint,
        program_of(listener.owners),
        _holder_cell(listener.owners)
        if listener.owners
        else Painted(listener.certainty.value, Role.FAINT),
        project_of(listener.owners),
        reach_cell(listener, context),
        ago(owners[0].started_ns if owners else None, now_ns),
    ]
