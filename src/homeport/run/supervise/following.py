"""What a supervisor tells while it works, passed on to whoever wants to know."""

from __future__ import annotations

from homeport.model.errors import HomeportError
from homeport.model.record import NamedTuple
from homeport.model.status import ServiceStatus
from homeport.run.supervise.client import SILENCE_MS, Ending
from homeport.wire.supervision import parse_service, parse_status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from homeport.model.status import ProjectStatus
    from homeport.run.supervise.client import Client
    from homeport.run.supervise.starting import Audience
    from homeport.wire.supervision import Request


class Line(NamedTuple):
    """A line that a service has printed, safe for a terminal."""

    service: str
    text: str


Told = Line | ServiceStatus


def followed(client: Client) -> Iterator[Told]:
    """Lines and changes, until the supervisor is gone."""
    for message in client.messages():
        told = parse_told(message)
        if told is not None:
            yield told


def parse_told(message: dict[str, object]) -> Told | None:
    """A line or a change; None for anything else. Raises `BrokenMessage`."""
    line, change = message.get("line"), message.get("change")
    if isinstance(line, dict):
        return Line(str(line.get("service")), str(line.get("text")))
    return parse_service(change) if isinstance(change, dict) else None


def carried_out(client: Client, request: Request, audience: Audience) -> ProjectStatus:
    """Asks for something that takes a while; how all is once it is done.

    Raises `Ending` where the supervisor has not said a word: it ended without having heard of it,
    such as between the kernel's taking the connection and its own.
    """
    client.send(request)
    has_answered = False
    for message in client.messages(SILENCE_MS):
        has_answered = True
        status = heard(message, audience)
        if status is not None:
            return status
    if has_answered:
        raise HomeportError("the supervisor has ended before it was done")
    raise Ending("the supervisor has just ended", next_step="homeport up starts it again")


def heard(message: dict[str, object], audience: Audience) -> ProjectStatus | None:
    """Passes on what a message tells; the status, which is the last of them."""
    told = parse_told(message)
    if isinstance(told, Line):
        audience.line(told.service, told.text)
    elif told is not None:
        audience.change(told)
    status = message.get("status")
    return parse_status(status) if isinstance(status, dict) else None
