"""What a service has printed."""

from __future__ import annotations

from homeport.model.record import NamedTuple


class LogLine(NamedTuple):
    """A line, and when it was printed, in nanoseconds since the epoch (UTC); None where unknown.

    The text may hold colours (SGR) and no other control characters but tabs.
    """

    time_ns: int | None
    text: str
