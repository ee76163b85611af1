"""Following what happens, for as long and as much as was asked for; shared by lines and screen."""

from __future__ import annotations

import time

from homeport import api
from homeport.model.snapshot import Snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from _typeshed import HasFileno

    from homeport.model.event import Event
    from homeport.model.selection import Selection
    from homeport.model.sockets import Listener
    from homeport.see.events.announce import Announcer
    from homeport.see.events.watch import Watch

_SECOND_NS = 1_000_000_000


class Limits:
    """How long to go on: for a time, for a number of events."""

    def __init__(self, for_s: float | None, count: int | None) -> None:
        now_ns = time.monotonic_ns()
        self.until_ns: int | None = None if for_s is None else now_ns + int(for_s * _SECOND_NS)
        self.left = count

    def take(self, events: list[Event]) -> list[Event]:
        """As many of the events as are still wanted."""
        if self.left is not None:
            events = events[: self.left]
            self.left -= len(events)
        return events

    @property
    def reached(self) -> bool:
        """Whether it is time to end."""
        return self.left == 0 or self.is_late

    @property
    def is_late(self) -> bool:
        """Whether the time is over."""
        return self.until_ns is not None and time.monotonic_ns() >= self.until_ns


class Follower:
    """Steps through what happens, tells of it outside, and knows when it is enough."""

    def __init__(
        self, watch: Watch, wanted: Selection, limits: Limits, announcer: Announcer | None
    ) -> None:
        self.watch = watch
        self.wanted = wanted
        self._limits = limits
        self._announcer = announcer

    @property
    def over(self) -> bool:
        """Whether it is time to end."""
        return self.watch.stopped or self._limits.reached

    @property
    def satisfied(self) -> bool:
        """Whether as many events came as were waited for, or nobody waited for a number."""
        return not self._limits.left or not self._limits.is_late

    def listeners(self) -> tuple[Listener, ...]:
        """What is open now, as far as it is wanted."""
        everything = Snapshot(taken_ns=time.time_ns(), listeners=tuple(self.watch.listeners))
        return api.select(everything, self.wanted).listeners

    def step(self, wake: Sequence[HasFileno] = ()) -> list[Event]:
        """Waits, a second at most, for events that are wanted."""
        until_ns = time.monotonic_ns() + _SECOND_NS
        if self._limits.until_ns is not None:
            until_ns = min(until_ns, self._limits.until_ns)
        happened = self.watch.step(until_ns, wake)
        events = self._limits.take(api.select_events(happened, self.wanted))
        if self._announcer is not None:
            self._announcer.tell(events)
            self._announcer.tick()
        return events

    def notices(self) -> list[str]:
        """What has to be said since the last call."""
        said = self.watch.notices()
        return said if self._announcer is None else said + self._announcer.notices()
