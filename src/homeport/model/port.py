"""Ports: their class by RFC 6335, and the ranges that a kernel really uses."""

from __future__ import annotations

from enum import StrEnum

from homeport.model.errors import BadInput
from homeport.model.record import NamedTuple

MAX_PORT = 65535
HOME_PORT = 62893
"""Homeport's own port, see DESIGN: in IANA's dynamic range, above what Linux hands out."""


class PortClass(StrEnum):
    """The three ranges of RFC 6335, section 6."""

    SYSTEM = "system"
    USER = "user"
    DYNAMIC = "dynamic"


def port_class(port: int) -> PortClass:
    """The RFC 6335 class of a port number from 0 to 65535."""
    if port < 1024:
        return PortClass.SYSTEM
    return PortClass.USER if port < 49152 else PortClass.DYNAMIC


def parse_port(text: str, *, typed: str | None = None) -> int:
    """A port from its decimal digits; raises `BadInput` for anything that no port can be.

    `typed` is what it is a part of, as somebody wrote it.
    """
    if not (text.isascii() and text.isdigit()):
        where = "" if typed in (None, text) else f", in {shortened(typed or '')!r}"
        what = f"{shortened(text)!r} is not a port{where}"
        raise BadInput(what, why="a port is a number from 0 to 65535")
    # Digits past the fifth decide nothing, and int() refuses more than 4300 of them.
    port = int(text) if len(text.lstrip("0")) <= 5 else MAX_PORT + 1
    if port > MAX_PORT:
        raise BadInput(
            f"port {shortened(text)} does not exist",
            why="a port is a 16-bit number: 0 to 65535 (RFC 9293, section 3.1)",
        )
    return port


def shortened(text: str, limit: int = 60) -> str:
    """The text, cut in the middle of a line that must stay readable."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


class PortRange(NamedTuple):
    """Ports from `first` to `last`, both included."""

    first: int
    last: int

    def __contains__(self, port: object) -> bool:
        """Whether the port lies in the range."""
        return isinstance(port, int) and self.first <= port <= self.last

    def __str__(self) -> str:
        """As people write it: `32768-60999`, or one number."""
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"


class PortPolicy(NamedTuple):
    """How one kernel treats port numbers.

    `assigned` is the range from which it hands ports out (`ip_local_port_range`), `reserved` is
    left out of that (`ip_local_reserved_ports`), and below `unprivileged_from` binding takes
    CAP_NET_BIND_SERVICE (`ip_unprivileged_port_start`). Linux: Documentation/networking/ip-sysctl.
    """

    assigned: PortRange
    reserved: tuple[PortRange, ...]
    unprivileged_from: int

    def assigns(self, port: int) -> bool:
        """Whether this kernel may give the port to a program that asked for none."""
        return port in self.assigned and not self.is_reserved(port)

    def is_reserved(self, port: int) -> bool:
        """Whether the administrator has kept the port out of automatic assignment."""
        return any(port in span for span in self.reserved)
