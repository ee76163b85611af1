"""What a project declares: the plan that `up --dry-run` shows, and JSON `homeport/plan@1`."""

from __future__ import annotations

from homeport.report.ls_json import valid
from homeport.report.style import Role, Style, printable
from homeport.report.table import Column, Section, fitted, render
from homeport.wire.secrets import masked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.service import Declaration, Service

SCHEMA = "homeport/plan@1"
_TABLE = (
    Column("SERVICE", 6, 0, Role.NAME),
    Column("RUNS", 12, 1),
    Column("PORT", 6, 2),
    Column("NEEDS", 5, 3),
    Column("DECLARED IN", 8, 4, Role.FAINT),
)


def declaration_lines(declared: Declaration, style: Style) -> list[str]:
    """The table of the services that would be started, and what was left out."""
    branch = f" ({declared.branch})" if declared.branch else ""
    heading = f"{declared.name}{branch}  {declared.root}"
    rows = [_row(service) for service in declared.services]
    lines = render(_TABLE, [Section(heading, rows)], style)
    notes = [fitted(printable(f"note: {note}"), style) for note in declared.notes]
    return [*lines, *(style.paint(note, Role.CARE) for note in notes)]


def _row(service: Service) -> list[str]:
    return [
        service.name,
        masked(service.run) if service.run else f"recipe {service.recipe}",
        _port(service),
        ", ".join(service.needs),
        service.source,
    ]


def _port(service: Service) -> str:
    if not service.has_port:
        return "none"
    return "leased" if service.port is None else str(service.port)


def declaration_json(declared: Declaration) -> dict[str, object]:
    """The document."""
    return {
        "schema": SCHEMA,
        "name": declared.name,
        "root": valid(declared.root),
        "branch": declared.branch,
        "source": valid(declared.source),
        "services": [_service(each) for each in declared.services],
        "notes": [valid(note) for note in declared.notes],
    }


def _service(service: Service) -> dict[str, object]:
    return {
        "name": service.name,
        "run": None if service.run is None else valid(masked(service.run)),
        "recipe": service.recipe,
        "port": service.port,
        "has_port": service.has_port,
        "needs": list(service.needs),
        "names": list(service.names),
        "directory": valid(service.directory),
        "lazy": service.lazy,
        "source": valid(service.source),
    }
