"""Keeps what the watcher saw: events become rows of the history, each within a second.

A full disk, a lock that somebody holds or a file that vanished ends neither the watching nor the
recording: what could not be written waits, within bounds, and is written when there is room.
"""

from __future__ import annotations

from homeport.host.clock import MILLISECOND_NS, SECOND_NS, Clock, boot_id
from homeport.host.journal.file import Damaged
from homeport.host.journal.writer import Change, Holder, Journal, Present, Sight, SocketName
from homeport.model.errors import StateUnusable
from homeport.wire.secrets import masked_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from homeport.model.event import Event
    from homeport.model.process import Process
    from homeport.model.sockets import Listener

GATHER_NS = 200 * MILLISECOND_NS
"""How long events are gathered for one transaction."""

BEAT_NS = 5 * SECOND_NS
"""How often it is written that a recorder is there: after a crash, how old "last seen" may be."""

RETRY_NS = 3 * SECOND_NS
PRUNE_NS = 600 * SECOND_NS
MAX_WAITING = 10_000
MAX_ARGV = 4096
_MANAGERS = frozenset({"systemd", "launchd", "init"})


class Recorder:
    """Writes the events of one watcher; one for each, and for one thread.

    `tick` has to be called at `due_ns` of the monotonic clock or soon after. `notices` are
    sentences for the one who watches. Raises `StateUnusable` when made, where the history cannot
    be used at all; a full disk later is only a notice.
    """

    def __init__(
        self, path: str, *, netns: int, udp: bool, clock: Clock, boot: str | None = None
    ) -> None:
        self.notices: list[str] = []
        self._path = path
        self._clock = clock
        self._sight = Sight(boot or boot_id(), netns, udp)
        self._started_ns = clock.now_ns()
        self._waiting: list[Change] = []
        self._dropped = 0
        self._stuck = False
        self._damaged = False
        self._journal = self._opened()
        now = clock.monotonic_ns()
        self._next_beat = now + BEAT_NS
        self._next_prune = now
        self.due_ns: int = now

    def _opened(self) -> Journal:
        journal = Journal(self._path, self._sight, self._started_ns)
        self.notices += journal.notices
        return journal

    def begin(self, listeners: Iterable[Listener], at_ns: int) -> None:
        """Brings the history in line with what is open; `at_ns` is from before it was read.

        Raises `StateUnusable`: who asks for a record should learn at once that there is none.
        """
        self._journal.adopt([_present(listener) for listener in listeners], at_ns)

    def add(self, events: Iterable[Event]) -> None:
        """Takes events, to be written at the next `tick` that is due."""
        changes = [_change(event) for event in events]
        if not changes:
            return
        if not self._waiting and not self._stuck:
            self.due_ns = min(self.due_ns, self._clock.monotonic_ns() + GATHER_NS)
        self._waiting += changes
        if (surplus := len(self._waiting) - MAX_WAITING) > 0:
            del self._waiting[:surplus]
            self._dropped += surplus

    def tick(self, listeners: Sequence[Listener]) -> None:
        """Writes what is due; `listeners` are those that are open now."""
        now = self._clock.monotonic_ns()
        if now < self.due_ns:
            return
        try:
            self._write(listeners, now)
        except StateUnusable as error:
            self._fail(error, now)

    def _write(self, listeners: Sequence[Listener], now: int) -> None:
        at_ns = self._clock.now_ns()
        if self._damaged or self._journal.replaced():
            self._begin_anew(listeners, at_ns)
        if self._waiting or self._stuck or now >= self._next_beat:
            self._journal.write(self._waiting, at_ns)
            self._waiting.clear()
            self._next_beat = now + BEAT_NS
        if self._dropped:
            self._journal.adopt([_present(listener) for listener in listeners], at_ns)
        self._recover()
        if now >= self._next_prune:
            more = self._journal.prune(at_ns)
            self._next_prune = now + (SECOND_NS if more else PRUNE_NS)
        self.due_ns = min(self._next_beat, self._next_prune)

    def _begin_anew(self, listeners: Sequence[Listener], at_ns: int) -> None:
        self._journal.close()
        self._journal = self._opened()
        self._journal.adopt([_present(listener) for listener in listeners], at_ns)
        if not self._damaged:
            self.notices.append(f"the history {self._path} was taken away: a new one is begun")
        self._damaged = False

    def _recover(self) -> None:
        if self._stuck:
            lost = f", without {self._dropped} events" if self._dropped else ""
            self.notices.append(f"recording goes on{lost}")
        self._stuck = False
        self._dropped = 0

    def _fail(self, error: StateUnusable, now: int) -> None:
        self._damaged = isinstance(error, Damaged)
        if not self._stuck:
            self.notices.append(f"recording waits: {error}")
        self._stuck = True
        self.due_ns = now + RETRY_NS

    def close(self, listeners: Sequence[Listener]) -> None:
        """Writes what is left and gives the file back."""
        self.due_ns = 0
        self._next_beat = 0
        self.tick(listeners)
        self._journal.close()


def _present(listener: Listener) -> Present:
    number = listener.inode if listener.cookie is None else listener.cookie
    socket = SocketName(listener.netns, number, listener.endpoint)
    return Present(socket, holder_of(listener.owners))


def _change(event: Event) -> Change:
    number = event.inode if event.cookie is None else event.cookie
    socket = SocketName(event.netns, number, event.endpoint)
    return Change(event.kind, socket, event.at_ns, holder_of(event.owners))


def holder_of(owners: Sequence[Process]) -> Holder | None:
    """The owner that is written down: the oldest, and a service manager only if it is alone.

    Workers of a server come and go while the master stays; a manager holds a service's socket on
    its behalf.
    """
    services = [owner for owner in owners if owner.name not in _MANAGERS] or owners
    if not services:
        return None
    oldest = min(services, key=lambda owner: (owner.start_ticks, owner.pid))
    project = oldest.project
    return Holder(
        pid=oldest.pid,
        start_ticks=oldest.start_ticks,
        name=oldest.name,
        argv=_shortened(masked_words(oldest.argv or ())),
        user=oldest.user,
        cwd=oldest.cwd,
        project=None if project is None else project.name,
    )


def _shortened(argv: tuple[str, ...]) -> tuple[str, ...]:
    """As many whole words as fit into `MAX_ARGV`; a class path of Java alone may take 100 KB."""
    kept: list[str] = []
    room = MAX_ARGV
    for word in argv:
        if len(word) > room:
            return (*kept, f"{word[:room]}…")
        kept.append(word)
        room -= len(word)
    return argv
