"""Standard output for a command that runs services: they go on, whether it is read or not."""

from __future__ import annotations

import io
import sys
from collections import Counter
from contextlib import closing, contextmanager

from homeport import api

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from homeport.host.outlet import Outlet
    from homeport.model.status import ProjectStatus, ServiceStatus
    from homeport.run.supervise.starting import Audience

_MOST_UNREAD_BYTES = 1 << 23


@contextmanager
def unhurried(audience: Audience) -> Iterator[Audience]:
    """Tells an audience which prints to standard output; within the block printing never waits.

    At the end it waits until all is read, as any program does.
    """
    waiting = sys.stdout
    outlet = api.outlet(waiting.fileno()) if isinstance(waiting, io.TextIOWrapper) else None
    if outlet is None:
        yield audience
        return
    waiting.flush()
    text = io.TextIOWrapper(outlet, encoding=waiting.encoding, errors=waiting.errors)
    sys.stdout = text
    try:
        yield UnhurriedAudience(audience, outlet)
    finally:
        sys.stdout = waiting
        with closing(outlet):
            text.flush()
            outlet.drain()


class UnhurriedAudience:
    """Leaves lines out while nobody reads, and says how many once somebody does."""

    def __init__(self, audience: Audience, outlet: Outlet) -> None:
        self._audience = audience
        self._outlet = outlet
        self._left_out = Counter[str]()
        outlet.on_sent = self._say_what_was_left_out

    def line(self, service: str, text: str) -> None:
        """Passed on, or left out."""
        if self._left_out or self._outlet.unsent > _MOST_UNREAD_BYTES:
            self._left_out[service] += 1
        else:
            self._audience.line(service, text)

    def change(self, status: ServiceStatus) -> None:
        """Passed on: there are few of them."""
        self._audience.change(status)

    def settled(self, status: ProjectStatus) -> None:
        """Passed on."""
        self._audience.settled(status)

    def waiting(self, what: str) -> None:
        """Passed on."""
        self._audience.waiting(what)

    def _say_what_was_left_out(self) -> None:
        for service, count in self._left_out.items():
            lines = "1 line was" if count == 1 else f"{count} lines were"
            text = f"-- {lines} not read in time; homeport logs {service} shows the latest"
            self._audience.line(service, text)
        self._left_out.clear()
