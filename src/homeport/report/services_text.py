"""How a project's services are: the table of `ps` and `up`, and the lines of what they print."""

from __future__ import annotations

from homeport.model.route import ServiceState
from homeport.report.prose import wrapped
from homeport.report.style import Role, Style, columns, padded, printable
from homeport.report.table import Column, Painted, Section, fitted, render
from homeport.report.words import ago
from homeport.wire.terminal_text import without_colours

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from homeport.model.status import ProjectStatus, ServiceStatus

_TABLE = (
    Column("SERVICE", 6, 0, Role.NAME),
    Column("STATE", 8, 0),
    Column("REACHED AT", 16, 1),
    Column("PORT", 5, 2),
    Column("PID", 5, 4),
    Column("SINCE", 6, 3, Role.FAINT),
)
_ROLES = {
    ServiceState.READY: Role.GOOD,
    ServiceState.DONE: Role.FAINT,
    ServiceState.STOPPED: Role.FAINT,
    ServiceState.FAILED: Role.BAD,
    ServiceState.UNHEALTHY: Role.BAD,
}
_ON_THE_WAY = frozenset((ServiceState.STARTING, ServiceState.STOPPING))
_MOST_LAST_LINES = 12
_NAME_COLORS = ("36", "33", "32", "35", "34", "96", "93", "92", "95", "94")


def status_lines(projects: Sequence[ProjectStatus], now_ns: int, style: Style) -> list[str]:
    """The table of all services, and beneath it what is wrong with those that are not well."""
    sections = [
        Section(_heading(project), [_row(each, now_ns) for each in project.services])
        for project in projects
    ]
    lines = render(_TABLE, sections, style)
    for project in projects:
        told = [fitted(printable(f"note: {note}"), style) for note in project.notes]
        lines += [style.paint(note, Role.CARE) for note in told]
        for service in project.services:
            lines += trouble_lines(service, style)
            lines += note_lines(service, style)
    return lines


def _heading(project: ProjectStatus) -> str:
    branch = f" ({project.branch})" if project.branch else ""
    return f"{project.name}{branch}  {project.root}"


def _row(service: ServiceStatus, now_ns: int) -> list[str | Painted]:
    return [
        service.name,
        Painted(state_words(service), _ROLES.get(service.state, Role.CARE)),
        service.public_url or service.url or "",
        "" if service.port is None else str(service.port),
        "" if service.pid is None else str(service.pid),
        ago(service.changed_ns, now_ns),
    ]


def state_words(service: ServiceStatus) -> str:
    """The state of a service in a word or a few."""
    if service.state is ServiceState.STOPPED and service.lazy:
        return "on demand"
    if service.state is ServiceState.WAITING:
        return f"restarting ({service.restarts})"
    return service.state.value


def trouble_lines(service: ServiceStatus, style: Style) -> list[str]:
    """Why a service is not well, what `check` and itself say; nothing for one that is."""
    if service.reason is None:
        return []
    told = f"{service.name} {state_words(service)}: {service.reason}"
    role = _ROLES.get(service.state, Role.CARE)
    lines = ["", style.paint(fitted(printable(told), style), role)]
    if service.advice is not None:
        advice = wrapped(f"check says: {printable(service.advice)}", style, first="  ", rest="    ")
        lines += [style.paint(each, Role.CARE) for each in advice]
    last = service.last_lines[-_MOST_LAST_LINES:]
    return [
        *lines,
        *(style.paint(fitted(f"  {printable(each)}", style), Role.FAINT) for each in last),
    ]


def note_lines(service: ServiceStatus, style: Style) -> list[str]:
    """What nobody may have meant, though the service is well."""
    texts = [f"{service.name} {printable(note)}" for note in service.notes]
    lines = [line for each in texts for line in wrapped(each, style, first="", rest="  ")]
    return ["", *(style.paint(line, Role.CARE) for line in lines)] if lines else []


def change_line(service: ServiceStatus, style: Style) -> str | None:
    """One line for a service that came into another state; None where that says nothing new.

    Of one that died the next lines tell: that it is tried again, or given up.
    """
    if service.reason is not None and service.state in _ON_THE_WAY:
        return None
    ready = service.state is ServiceState.READY
    took = f" in {service.starting_ms / 1000:.1f} s" if ready and service.starting_ms else ""
    advice = f"check says: {service.advice}" if service.advice else None
    said = "; ".join(each for each in (service.reason, advice) if each)
    where = (service.public_url or service.url) if ready else None
    role = _ROLES.get(service.state, Role.CARE)
    parts = f"{printable(service.name)} {style.paint(f'{state_words(service)}{took}', role)}"
    return f"{parts}{f': {printable(said)}' if said else ''}{f'  {where}' if where else ''}"


class Prefixes:
    """What stands before each line of a service: its name, in a colour of its own, aligned."""

    def __init__(self, names: Iterable[str], style: Style) -> None:
        self._style = style
        self._width = 0
        self._color: dict[str, str] = {}
        for name in names:
            self._know(name)

    def _know(self, name: str) -> None:
        self._color[name] = _NAME_COLORS[len(self._color) % len(_NAME_COLORS)]
        self._width = max(self._width, columns(printable(name)))

    def line(self, name: str, text: str) -> str:
        """The line, behind its service's name; `text` has been made safe for a terminal."""
        if name not in self._color:
            self._know(name)
        prefix = f"{padded(printable(name), self._width)} |"
        if not self._style.color:
            return f"{prefix} {without_colours(text)}"
        return f"\x1b[{self._color[name]}m{prefix}\x1b[0m {text}\x1b[0m"
