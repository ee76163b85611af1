"""How a project's services are, for programs: `homeport/ps@1`, and the lines of `homeport/up@1`."""

from __future__ import annotations

from homeport.report.ls_json import valid
from homeport.report.words import utc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from homeport.model.status import ProjectStatus, ServiceStatus

SCHEMA = "homeport/ps@1"
EVENT_SCHEMA = "homeport/up@1"


def status_json(projects: Iterable[ProjectStatus]) -> dict[str, object]:
    """The document of `ps`, `up -d`, `stop` and `restart`."""
    return {"schema": SCHEMA, "projects": [_project(each) for each in projects]}


def _project(project: ProjectStatus) -> dict[str, object]:
    return {
        "name": project.name,
        "root": valid(project.root),
        "branch": project.branch,
        "source": valid(project.source),
        "supervisor": project.pid,
        "gateway_port": project.gateway_port,
        "services": [service_json(each) for each in project.services],
        "notes": [valid(note) for note in project.notes],
    }


def service_json(service: ServiceStatus) -> dict[str, object]:
    """A service, as every document writes it."""
    return {
        "name": service.name,
        "state": service.state.value,
        "since": utc(service.changed_ns),
        "pid": service.pid,
        "port": service.port,
        "url": service.url,
        "public_url": service.public_url,
        "starting_ms": service.starting_ms,
        "restarts": service.restarts,
        "lazy": service.lazy,
        "reason": None if service.reason is None else valid(service.reason),
        "last_lines": [valid(each) for each in service.last_lines],
        "advice": None if service.advice is None else valid(service.advice),
        "hosts": list(service.hosts),
        "notes": [valid(note) for note in service.notes],
    }


def line_json(service: str, text: str) -> dict[str, object]:
    """A line that a service has printed."""
    told = {"service": service, "text": valid(text)}
    return {"schema": EVENT_SCHEMA, "event": "line", **told}


def change_json(service: ServiceStatus) -> dict[str, object]:
    """A service is not as it was."""
    return {"schema": EVENT_SCHEMA, "event": "change", "service": service_json(service)}


def settled_json(project: ProjectStatus) -> dict[str, object]:
    """Each service that was to start is ready, or will not be."""
    return {"schema": EVENT_SCHEMA, "event": "settled", "project": _project(project)}
