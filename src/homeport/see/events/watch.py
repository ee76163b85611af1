"""What happens on the ports, as it happens: listeners that open, close, and change hands.

Openings are found by looking at the table of listeners again and again, endings are told by the
kernel where it can. Owners are looked up only for sockets that are new, and for all of them now
and then. Where to look, the clock and what ends a wait are arguments.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import Protocol

from homeport.host.clock import MILLISECOND_NS, SECOND_NS, Clock, HangUp, Waker
from homeport.model.endpoint import Endpoint, Transport
from homeport.model.errors import HomeportError
from homeport.model.event import Event, EventKind
from homeport.model.record import NamedTuple
from homeport.see.events.changes import SocketKey, changes, event_of, key_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Self

    from _typeshed import HasFileno

    from homeport.model.sockets import Listener

BUSY_NS = 250 * MILLISECOND_NS
QUIET_NS = SECOND_NS
"""How often to look while something happens, and when nothing has for `CALM_NS`."""

CALM_NS = 10 * SECOND_NS
CHECK_NS = 15 * SECOND_NS
"""How often to look whether all sockets still have the owners that they had."""

SETTLE_NS = 2 * SECOND_NS
"""When to look again at the owners of a new socket: servers fork their workers after listen()."""

SHARE = 200
"""A look, or a check, that cost so much processor time is followed by a pause of so many times
that: looking and checking together stay at one percent of a core, however many sockets there are.
"""

AT_ONCE = 100
"""How many new sockets are looked into in one step: the owners of thousands take seconds, and
what is known must be told, and kept, before that.
"""

REMEMBERED = 8192
"""How many sockets that ended are remembered, so that a late word of their end is no news."""


class End(NamedTuple):
    """The end of a socket without a peer, as the kernel tells it: nothing of its owner is left."""

    cookie: int
    endpoint: Endpoint


class Tables(Protocol):
    """Where the listeners are read from."""

    netns: int

    def listeners(self) -> Sequence[Listener]:
        """All listeners of this moment, without their owners. Cheap."""
        ...

    def owned(self, listeners: Sequence[Listener]) -> Sequence[Listener]:
        """The same listeners with their owners."""
        ...


class Ends(Protocol):
    """Where the kernel tells of sockets that end."""

    def fileno(self) -> int:
        """Readable when there is something to tell."""
        ...

    def read(self) -> tuple[list[End], bool]:
        """What was told since the last time, and whether some of it was lost."""
        ...

    def close(self) -> None:
        """Listens no longer."""
        ...


class Keeper(Protocol):
    """Who writes down what happens."""

    notices: list[str]
    due_ns: int

    def begin(self, listeners: Iterable[Listener], at_ns: int) -> None:
        """Told of what is open, and of a moment before that was read."""
        ...

    def add(self, events: Iterable[Event]) -> None:
        """Told of events."""
        ...

    def tick(self, listeners: Sequence[Listener]) -> None:
        """Called at `due_ns` of the monotonic clock or after, with what is open."""
        ...

    def close(self, listeners: Sequence[Listener]) -> None:
        """Called once, at the end."""
        ...


class Pace(NamedTuple):
    """How often to look; None: as often as `BUSY_NS` and `QUIET_NS` say, within `SHARE`."""

    look_ns: int | None = None
    check_ns: int = CHECK_NS


class Watch:
    """Watches the listeners from the moment at which it is made; an iterator of events.

    `listeners` is the table with its owners as of the last event. Not for two threads at once,
    except `stop`. Raises `HomeportError` when made, where the tables cannot be read.
    """

    def __init__(
        self,
        tables: Tables,
        *,
        clock: Clock,
        ends: Ends | None = None,
        keeper: Keeper | None = None,
        pace: Pace | None = None,
    ) -> None:
        self._keeper = keeper
        self._notices: list[str] = []
        self._tables = tables
        self._ends = ends
        self._clock = clock
        self._pace = pace or Pace()
        self._open: dict[SocketKey, Listener] = {}
        self._cookies: dict[int, SocketKey] = {}
        self._over: OrderedDict[object, None] = OrderedDict()
        self._ready: deque[Event] = deque()
        self._is_behind = False
        self._stopped = False
        self._reader: HangUp | None = None
        self._cost_ns = 0
        self._begin()
        self._waker = Waker()

    def _begin(self) -> None:
        self.began_ns: int = self._clock.now_ns()
        for listener in self._tables.owned(self._tables.listeners()):
            self._add(listener)
        if self._keeper is not None:
            self._keeper.begin(self._open.values(), self.began_ns)
        now = self._clock.monotonic_ns()
        self._calm_from = now
        self._next_look = now + self._pause_ns(now)
        self._next_check = now + self._pace.check_ns

    @property
    def listeners(self) -> list[Listener]:
        """What is open, by port."""
        return sorted(
            self._open.values(),
            key=lambda each: (each.endpoint.port, each.endpoint[:2], each.inode),
        )

    def notices(self) -> list[str]:
        """Sentences about what could not be seen, was missed, or could not be kept; each once."""
        said, self._notices = self._notices, []
        if self._keeper is not None:
            said += self._keeper.notices
            self._keeper.notices = []
        return said

    def say(self, notice: str) -> None:
        """Adds a sentence to the next `notices`."""
        if notice not in self._notices:
            self._notices.append(notice)

    @property
    def told(self) -> bool:
        """Whether endings come from the kernel; otherwise they are found by looking."""
        return self._ends is not None

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Event:
        """The next event; waits for it, and ends once `stop` was called."""
        while not self._ready:
            if self._stopped:
                raise StopIteration
            self._ready += self.step()
        return self._ready.popleft()

    def stop(self) -> None:
        """Ends the iteration, now or while it waits; safe from threads and signal handlers."""
        self._stopped = True
        self._waker.wake()

    @property
    def stopped(self) -> bool:
        """Whether `stop` was called, or nobody reads any more."""
        return self._stopped

    def end_with_reader(self, descriptor: int) -> None:
        """Stops as soon as nobody is left who reads from this pipe, also when nothing happens."""
        self._reader = HangUp(descriptor)

    @property
    def wake_descriptor(self) -> int:
        """What `signal.set_wakeup_fd` takes, so that a signal ends the wait of `step`."""
        return self._waker.writing

    def close(self) -> None:
        """Gives all descriptors back."""
        self.stop()
        if self._keeper is not None:
            self._keeper.close(list(self._open.values()))
        self._waker.close()
        if self._ends is not None:
            self._ends.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def step(self, until_ns: int | None = None, wake: Iterable[HasFileno] = ()) -> list[Event]:
        """Waits until something is due or told, at most until `until_ns` of the monotonic clock.

        Returns what happened, which may be nothing: also when one of `wake` became readable.
        """
        sources: list[HasFileno] = [*wake, self._waker]
        sources += [source for source in (self._ends, self._reader) if source is not None]
        due = min(self._dues(until_ns))
        ready = self._clock.wait(sources, max(0, due - self._clock.monotonic_ns()))
        self._stopped |= self._reader in ready
        self._waker.drain()
        events = self._happened()
        if self._keeper is not None:
            self._keeper.add(events)
            if self._clock.monotonic_ns() >= self._keeper.due_ns:
                self._keeper.tick(list(self._open.values()))
        return events

    def _dues(self, until_ns: int | None) -> Iterable[int]:
        yield from (self._next_look, self._next_check)
        if until_ns is not None:
            yield until_ns
        if self._keeper is not None:
            yield self._keeper.due_ns

    def _happened(self) -> list[Event]:
        events = self._guarded(self._tell_ends)
        if self._clock.monotonic_ns() >= self._next_look:
            events += self._guarded(self._look)
        if self._clock.monotonic_ns() >= self._next_check:
            events += self._guarded(self._check)
        if events:
            self._calm_from = self._clock.monotonic_ns() + CALM_NS
        return events

    def _guarded(self, act: Callable[[], list[Event]]) -> list[Event]:
        """What an act finds; when the system refuses once, the next time may do."""
        try:
            return act()
        except HomeportError as error:
            self.say(str(error))
            return []

    def _look(self) -> list[Event]:
        """Compares the table with the last one."""
        cpu, at_ns = self._clock.cpu_ns(), self._clock.now_ns()
        try:
            table = {key_of(listener): listener for listener in self._tables.listeners()}
            self._cost_ns = self._clock.cpu_ns() - cpu
            return self._compare(table, at_ns)
        finally:
            now = self._clock.monotonic_ns()
            self._next_look = now if self._is_behind else now + self._pause_ns(now)
            self._is_behind = False

    def _compare(self, table: dict[SocketKey, Listener], at_ns: int) -> list[Event]:
        fresh = [listener for key, listener in table.items() if key not in self._open]
        stayed = [listener for key, listener in self._open.items() if key in table]
        if not fresh and len(stayed) == len(self._open):
            return []
        if len(fresh) > AT_ONCE:
            del fresh[AT_ONCE:]
            self._is_behind = True
        fresh = list(self._tables.owned(fresh)) if fresh else []
        events = changes(self._open.values(), stayed + fresh, at_ns)
        for key in [key for key in self._open if key not in table]:
            self._remove(key)
        for listener in fresh:
            self._add(listener)
        if fresh:
            settled = self._clock.monotonic_ns() + SETTLE_NS
            self._next_check = min(self._next_check, settled)
        return events

    def _check(self) -> list[Event]:
        """Compares the owners with those of the last time."""
        cpu, at_ns = self._clock.cpu_ns(), self._clock.now_ns()
        try:
            found = {key_of(each): each for each in self._tables.owned(list(self._open.values()))}
            # Of a socket that was closed meanwhile no owner is found: that is no news of its owner.
            there = {key_of(listener) for listener in self._tables.listeners()}
            before = [listener for key, listener in self._open.items() if key in there]
            after = [found[key_of(listener)] for listener in before]
            self._open.update((key_of(listener), listener) for listener in after)
            return changes(before, after, at_ns)
        finally:
            cost_ns = self._clock.cpu_ns() - cpu
            pause_ns = max(self._pace.check_ns, cost_ns * SHARE)
            self._next_check = self._clock.monotonic_ns() + pause_ns

    def _pause_ns(self, now_ns: int) -> int:
        if self._pace.look_ns is not None:
            return self._pace.look_ns
        usual_ns = BUSY_NS if now_ns < self._calm_from else QUIET_NS
        return max(usual_ns, self._cost_ns * SHARE)

    def _tell_ends(self) -> list[Event]:
        if self._ends is None:
            return []
        ends, lost = self._ends.read()
        if lost:
            self._look_now()
            self.say("more sockets ended at once than the kernel could tell")
        at_ns = self._clock.now_ns()
        return [event for end in ends if (event := self._ended(end, at_ns)) is not None]

    def _ended(self, end: End, at_ns: int) -> Event | None:
        key = self._cookies.get(end.cookie)
        if key is not None:
            listener = self._open[key]
            self._remove(key)
            return event_of(EventKind.CLOSED, listener, at_ns)
        if end.cookie in self._over or end.endpoint[1:] in self._over:
            return None
        if self._is_subflow(end.endpoint):
            self._look_now()
            return None
        self._forget_later(end.cookie)
        return Event(
            at_ns=at_ns,
            kind=EventKind.PASSED,
            endpoint=end.endpoint,
            inode=0,
            netns=self._tables.netns,
            cookie=end.cookie,
        )

    def _is_subflow(self, endpoint: Endpoint) -> bool:
        """Whether this was the TCP socket within an MPTCP listener, whose own end nobody tells."""
        return any(
            key.endpoint.transport is Transport.MPTCP and key.endpoint[1:] == endpoint[1:]
            for key in self._open
        )

    def _look_now(self) -> None:
        self._next_look = self._clock.monotonic_ns()

    def _add(self, listener: Listener) -> None:
        key = key_of(listener)
        self._open[key] = listener
        self._over.pop(listener.endpoint[1:], None)
        if listener.cookie is not None:
            self._cookies[listener.cookie] = key

    def _remove(self, key: SocketKey) -> None:
        listener = self._open.pop(key)
        if listener.cookie is not None:
            self._cookies.pop(listener.cookie, None)
            self._forget_later(listener.cookie)
        if listener.endpoint.transport is Transport.MPTCP:
            self._forget_later(listener.endpoint[1:])

    def _forget_later(self, ended: object) -> None:
        # The kernel tells an end some milliseconds after the socket has left the table.
        self._over[ended] = None
        if len(self._over) > REMEMBERED:
            self._over.popitem(last=False)
