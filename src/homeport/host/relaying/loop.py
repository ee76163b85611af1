"""One epoll, and for each descriptor the method that is called when it is ready. Linux.

Level-triggered: what is not read now is told again. A socket is closed only after all events of a
round were handed out, so that its number cannot be another's within the round.
"""

from __future__ import annotations

import heapq
import select
from contextlib import suppress
from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    Handler = Callable[[int], None]

IN, OUT = select.EPOLLIN, select.EPOLLOUT
_EVENTS_AT_ONCE = 256
_LONGEST_WAIT_S = 60.0
_MOST_FORGOTTEN = 4096


class Timer:
    """A call in the future; `cancel` it when it is no longer wanted."""

    __slots__ = ("_call", "_loop", "due_s")

    def __init__(self, loop: Loop, due_s: float, call: Callable[[], None]) -> None:
        self._loop = loop
        self.due_s: float = due_s
        self._call: Callable[[], None] | None = call

    def __lt__(self, other: Timer) -> bool:
        return self.due_s < other.due_s

    def cancel(self) -> None:
        """Forgets the call, and all that it refers to."""
        if self._call is not None:
            self._call = None
            self._loop.forgotten += 1

    @property
    def waits(self) -> bool:
        """Whether there is something to call."""
        return self._call is not None

    def fire(self) -> None:
        """Calls, once."""
        call, self._call = self._call, None
        if call is not None:
            call()


class Loop:
    """Waits for descriptors and times, and calls."""

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._handlers: dict[int, Handler] = {}
        self._timers: list[Timer] = []
        self._closing: list[socket.socket] = []
        self._stopped = False
        self.forgotten: int = 0
        """How many timers were cancelled since they were last cleared away."""

    def add(self, descriptor: int, handler: Handler, mask: int = IN) -> None:
        """Calls `handler` with what is ready each time that something is."""
        self._epoll.register(descriptor, mask)
        self._handlers[descriptor] = handler

    def change(self, descriptor: int, handler: Handler, mask: int) -> None:
        """The same descriptor, another handler and other events."""
        self._epoll.modify(descriptor, mask)
        self._handlers[descriptor] = handler

    def hand_over(self, descriptor: int, handler: Handler) -> None:
        """The same descriptor and events, another handler."""
        self._handlers[descriptor] = handler

    def remove(self, descriptor: int) -> None:
        """Calls nobody any more."""
        if self._handlers.pop(descriptor, None) is not None:
            with suppress(OSError):
                self._epoll.unregister(descriptor)

    def close(self, done: socket.socket) -> None:
        """Forgets a socket and closes it at the end of this round."""
        self.remove(done.fileno())
        self._closing.append(done)

    def after(self, delay_ms: int, call: Callable[[], None]) -> Timer:
        """Calls once, in so many milliseconds."""
        timer = Timer(self, monotonic() + delay_ms / 1000, call)
        if self.forgotten > _MOST_FORGOTTEN:
            # Nearly every timer is cancelled, long before its time.
            self._timers = [each for each in self._timers if each.waits]
            heapq.heapify(self._timers)
            self.forgotten = 0
        heapq.heappush(self._timers, timer)
        return timer

    def stop(self) -> None:
        """Lets `run` return after this round."""
        self._stopped = True

    def run(self) -> None:
        """Goes on until `stop`."""
        poll, handlers = self._epoll.poll, self._handlers
        while not self._stopped:
            for descriptor, mask in poll(self._wait_s(), _EVENTS_AT_ONCE):
                handler = handlers.get(descriptor)
                if handler is not None:
                    handler(mask)
            if self._closing:
                self._close_all()
            if self._timers:
                self._fire()
        self._close_all()

    def release(self) -> None:
        """Gives the epoll descriptor back."""
        self._epoll.close()

    def _wait_s(self) -> float:
        if not self._timers:
            return _LONGEST_WAIT_S
        return min(_LONGEST_WAIT_S, max(0.0, self._timers[0].due_s - monotonic()))

    def _fire(self) -> None:
        now_s = monotonic()
        while self._timers and self._timers[0].due_s <= now_s:
            heapq.heappop(self._timers).fire()

    def _close_all(self) -> None:
        for done in self._closing:
            done.close()
        self._closing.clear()
