"""What supervisors and the gateway say to one another: routes as JSON, checked on the way in.

A supervisor sends `{"routes": […]}`, always all of them. The gateway says first
`{"gateway": 1, "port": N, "pid": N}`; then `{"taken": [NAME, …], "broken": [WHY, …]}` in answer to
each set (names that another supervisor had before, and routes that were left out), and
`{"wanted": SERVICE, "project": PROJECT}` when somebody asks for a lazy service.
"""

from __future__ import annotations

import re

from homeport.model.address import Scope, parse_address, scope_of
from homeport.model.errors import BadInput, BrokenMessage
from homeport.model.record import NamedTuple
from homeport.model.route import Route, ServiceState

VERSION = 1
MOST_ROUTES = 1000
_MOST_NAMES = 32
_MOST_LINES, _LONGEST_LINE = 60, 500
_ALL_TOLD_BYTES = 400_000
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL}){{0,7}}")


def encode_routes(routes: tuple[Route, ...]) -> dict[str, object]:
    """All routes of a supervisor, as it sends them."""
    share_bytes = _ALL_TOLD_BYTES // max(1, len(routes))
    return {"routes": [_encoded(route, share_bytes) for route in routes]}


class Told(NamedTuple):
    """The routes of a supervisor, and of those that cannot be taken, why."""

    routes: tuple[Route, ...]
    broken: tuple[str, ...]


def decode_routes(message: dict[str, object]) -> Told | None:
    """The routes of a message; None where it is about something else. Raises `BrokenMessage`."""
    routes = message.get("routes")
    if routes is None:
        return None
    if not isinstance(routes, list) or len(routes) > MOST_ROUTES:
        raise BrokenMessage("the routes are no list, or too many")
    taken: list[Route] = []
    broken: list[str] = []
    for each in routes:
        try:
            taken.append(_decoded(each))
        except BrokenMessage as error:
            broken.append(str(error)[:_LONGEST_LINE])
    return Told(tuple(taken), tuple(broken[:_MOST_LINES]))


def _encoded(route: Route, share_bytes: int) -> dict[str, object]:
    told = _last_lines(route.told, share_bytes)
    return {**route._asdict(), "names": list(route.names), "state": str(route.state), "told": told}


def _last_lines(told: tuple[str, ...], share_bytes: int) -> list[str]:
    """As many of the last lines as fit into the share, so that the whole message fits."""
    kept: list[str] = []
    for line in reversed(told[-_MOST_LINES:]):
        short = line[:_LONGEST_LINE]
        # A character takes up to 12 bytes in JSON that is ASCII.
        share_bytes -= len(short) if short.isascii() and short.isprintable() else 12 * len(short)
        if share_bytes < 0:
            break
        kept.append(short)
    return kept[::-1]


def _decoded(fields: object) -> Route:
    if not isinstance(fields, dict):
        raise BrokenMessage("a route is no object")
    try:
        route = Route(
            names=tuple(_text(each) for each in fields["names"][:_MOST_NAMES]),
            project=_text(fields["project"]),
            service=_text(fields["service"]),
            address=parse_address(_text(fields["address"])),
            port=int(fields["port"]),
            state=ServiceState(fields["state"]),
            scheme=_text(fields["scheme"]),
            lazy=bool(fields["lazy"]),
            guarded=bool(fields["guarded"]),
            told=tuple(_text(each) for each in fields["told"][-_MOST_LINES:]),
        )
    except (KeyError, TypeError, ValueError, BadInput) as error:
        raise BrokenMessage("a route is not of its form", why=repr(error)) from None
    return _checked(route)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value[:_LONGEST_LINE]


def _checked(route: Route) -> Route:
    if not route.names or not all(map(_NAME.fullmatch, route.names)):
        raise BrokenMessage("a route has no name, or one that is no host name", why=str(route))
    # A gateway that reached further than this machine would open it to whoever reaches the gateway.
    if scope_of(route.address) is not Scope.LOOPBACK or not 0 < route.port < 1 << 16:
        raise BrokenMessage("a route leads elsewhere than to a port of loopback", why=str(route))
    return route
