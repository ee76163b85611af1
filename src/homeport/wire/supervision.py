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
    from collections.abc import Mapping, Sequence

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
        "database",
        "facts",
    )
)
"""What can be asked. `up` reads the declaration again; `down` ends the supervisor, too."""

_MOST_SERVICES, _MOST_LINES, _MOST_CELLS = 1000, 1_000_000, 10_000


_ALL_LINES_BYTES = 400_000
"""The last lines of all services together, so that a status is no longer than a message may be."""

_LONGEST_LINE = 500


def last_lines(lines: Sequence[str], share_bytes: int) -> list[str]:
    """As many of the last lines as fit, each cut where it is very long."""
    kept: list[str] = []
    for line in reversed(lines):
        short = line[:_LONGEST_LINE]
        # A character takes up to 12 bytes in JSON that is ASCII.
        share_bytes -= len(short) if short.isascii() and short.isprintable() else 12 * len(short)
        if share_bytes < 0:
            break
        kept.append(short)
    return kept[::-1]


class Request(NamedTuple):
    """One thing that is asked; no `services` means all of them.

    `tail` is how many of the last lines to begin with, `columns` and `rows` are the size of a
    terminal, `what` is what to do with a database.
    """

    action: str
    services: tuple[str, ...] = ()
    tail: int = 0
    columns: int = 80
    rows: int = 24
    force: bool = False
    what: str = ""


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
        str(message.get("what", ""))[:32],
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
    share = _ALL_LINES_BYTES // max(1, len(status.services))
    services = [service_json(each, share) for each in status.services]
    return {**status._asdict(), "services": services, "notes": list(status.notes)}


def service_json(service: ServiceStatus, lines_bytes: int = _ALL_LINES_BYTES) -> dict[str, object]:
    """The status of one service as it is sent, with as many of its last lines as fit."""
    lines, hosts = last_lines(service.last_lines, lines_bytes), list(service.hosts)
    notes = list(service.notes)
    told = {"state": service.state.value, "last_lines": lines, "hosts": hosts, "notes": notes}
    return {**service._asdict(), **told}


def parse_status(message: Mapping[str, object]) -> ProjectStatus:
    """The status in an answer; raises `BrokenMessage`."""
    fields = {field: message.get(field) for field in ProjectStatus._fields}
    services = fields["services"]
    if not isinstance(services, list):
        raise BrokenMessage("the status of a project has no services")
    _check(fields, numbers=("pid", "gateway_port"), texts=("name", "root", "branch", "source"))
    told = {"services": tuple(map(parse_service, services)), "notes": _texts(fields["notes"])}
    return ProjectStatus(**{**fields, **told})  # type: ignore[arg-type]


def parse_service(message: object) -> ServiceStatus:
    """The status of one service; raises `BrokenMessage`."""
    if not isinstance(message, dict):
        raise BrokenMessage("the status of a service is no object")
    # A supervisor of an earlier version does not tell what was added since: the defaults hold.
    known = {**ServiceStatus._field_defaults, **message}
    try:
        state = ServiceState(str(known["state"]))
        fields = {field: known[field] for field in ServiceStatus._fields}
    except (KeyError, ValueError) as error:
        raise BrokenMessage(f"the status of a service lacks something: {error}") from None
    _check(fields, numbers=_NUMBERS, texts=_TEXTS)
    lists = {field: _texts(fields[field]) for field in ("last_lines", "hosts", "notes")}
    return ServiceStatus(**{**fields, "state": state, "lazy": fields["lazy"] is True, **lists})


_NUMBERS = ("changed_ns", "pid", "port", "starting_ms", "restarts")
_TEXTS = ("name", "url", "public_url", "reason", "advice")
_ALWAYS = ("name", "root", "source", "changed_ns", "restarts")


def _check(fields: Mapping[str, object], *, numbers: Sequence[str], texts: Sequence[str]) -> None:
    """Raises `BrokenMessage` for a field that is not of its kind."""
    for kind, names in ((int, numbers), (str, texts)):
        for name in names:
            value = fields[name]
            missing = value is None and name not in _ALWAYS
            if not missing and (not isinstance(value, kind) or isinstance(value, bool)):
                raise BrokenMessage(f"the {name} that a supervisor tells is not of its kind")


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise BrokenMessage("the lines, hosts or notes of a service are no list")
    return tuple(map(str, value))
