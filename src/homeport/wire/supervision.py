"""What a supervisor is asked, and what it answers: JSON objects, one a line <-> model values.

Both ends are of one user and one program, but perhaps of two versions: what is not understood is
refused, never guessed.
"""

from __future__ import annotations

from homeport.model.errors import BrokenMessage
from homeport.model.record import NamedTuple
from homeport.model.route import ServiceState
from homeport.model.status import ProjectStatus, ServiceStatus

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION = 1
ACTIONS = frozenset(
    (
        "status",
        "up",
        "start",
        "stop",
        "down",
        "restart",
        "follow",
        "attach",
        "resize",
        "environment",
    )
)
"""What can be asked. `up` reads the declaration again; `down` ends the supervisor, too."""

_MOST_SERVICES, _MOST_LINES, _MOST_CELLS = 1000, 1_000_000, 10_000


class Request(NamedTuple):
    """One thing that is asked; no `services` means all of them."""

    action: str
    services: tuple[str, ...] = ()
    tail: int = 0
    columns: int = 80
    rows: int = 24
    force: bool = False


def request_json(request: Request) -> dict[str, object]:
    """The request as it is sent."""
    return {"version": VERSION, **request._asdict(), "services": list(request.services)}


def parse_request(message: Mapping[str, object]) -> Request:
    """The request in a message; raises `BrokenMessage`."""
    if message.get("version") != VERSION:
        raise BrokenMessage("the other side speaks another version of the supervisor's language")
    action = message.get("action")
    if not isinstance(action, str) or action not in ACTIONS:
        raise BrokenMessage(f"a supervisor cannot be asked to {str(action)[:40]!r}")
    return Request(
        action,
        _names(message.get("services")),
        _number(message, "tail", 0, _MOST_LINES),
        _number(message, "columns", 80, _MOST_CELLS),
        _number(message, "rows", 24, _MOST_CELLS),
        message.get("force") is True,
    )


def _names(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > _MOST_SERVICES:
        raise BrokenMessage("the services of a request are no list")
    if not all(isinstance(name, str) for name in value):
        raise BrokenMessage("the services of a request are no names")
    return tuple(value)


def _number(message: Mapping[str, object], key: str, default: int, most: int) -> int:
    value = message.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise BrokenMessage(f"the {key} of a request are no number from 0 to {most}")
    return value


def status_json(status: ProjectStatus) -> dict[str, object]:
    """The status as it is sent."""
    services = [
        {**each._asdict(), "state": each.state.value, "last_lines": list(each.last_lines)}
        for each in status.services
    ]
    return {**status._asdict(), "services": services, "notes": list(status.notes)}


def parse_status(message: Mapping[str, object]) -> ProjectStatus:
    """The status in an answer; raises `BrokenMessage`."""
    try:
        services = message["services"]
        return ProjectStatus(
            **{
                **{field: message[field] for field in ProjectStatus._fields},  # type: ignore[arg-type]
                "services": tuple(_service(each) for each in services),  # type: ignore[attr-defined]
                "notes": tuple(message["notes"]),  # type: ignore[arg-type]
            }
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BrokenMessage(f"the answer of a supervisor lacks something: {error}") from None


def _service(message: Mapping[str, object]) -> ServiceStatus:
    fields = {field: message[field] for field in ServiceStatus._fields}
    return ServiceStatus(
        **{  # type: ignore[arg-type]
            **fields,
            "state": ServiceState(str(message["state"])),
            "last_lines": tuple(message["last_lines"]),  # type: ignore[arg-type]
        }
    )
