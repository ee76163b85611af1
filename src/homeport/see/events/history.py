"""Who had an endpoint, and when: the rows of the history, judged by what is known today.

A row without an end is open only if somebody can still tell: a recorder that is there, or the
kernel. Otherwise all that is known is when it was last seen.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from homeport.host.clock import SECOND_NS, Clock, boot_id
from homeport.host.journal.reader import (
    Entry,
    Recording,
    Wanted,
    exists,
    forget,
    journal_path,
    read_entries,
    read_recordings,
)
from homeport.model.endpoint import Transport, reaches
from homeport.model.errors import BadInput, HomeportError
from homeport.model.event import Stretch, Tenancy
from homeport.model.port import shortened
from homeport.model.record import NamedTuple
from homeport.model.target import Target, parse_target
from homeport.see.events.changes import key_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.see.events.when import Span

ALIVE_NS = 15 * SECOND_NS
"""How long after its last sign a recorder is taken to be there: three of its beats."""

OpenSockets = Callable[[], "frozenset[tuple[int, int]]"]
"""Asks the kernel: the (netns, cookie) of all sockets that are open in this namespace."""


class Asked(NamedTuple):
    """What somebody wants to know; what is None is not asked for.

    `target` an endpoint or part of one, or `name` a part of the name of a process or project.
    `at` a time through which somebody had it, `since` and `until` bounds of such times.
    """

    target: Target | None = None
    name: str | None = None
    at: Span | None = None
    since_ns: int | None = None
    until_ns: int | None = None


class Present(NamedTuple):
    """What is known of this moment: the time, the boot, and how to ask what is open."""

    now_ns: int
    boot: str
    netns: int
    open_sockets: OpenSockets


def present_here(clock: Clock) -> Present:
    """This moment, this boot, this network namespace."""
    return Present(clock.now_ns(), boot_id(), _netns(), _open_here)


def _netns() -> int:
    if not sys.platform.startswith("linux"):
        return 0
    from homeport.host.netns import current_inode

    return current_inode()


def _open_here() -> frozenset[tuple[int, int]]:
    from homeport.see.events.looking import tables_here

    try:
        tables = tables_here(udp=True)
        return frozenset(key_of(listener)[:2] for listener in tables.listeners())
    except HomeportError:
        return frozenset()  # then nobody can tell: it was last seen when it was


def asked(
    text: str | None,
    *,
    at: str | None = None,
    since: str | None = None,
    until: str | None = None,
    now_ns: int | None = None,
) -> Asked:
    """What words ask for: an endpoint or a name, and times; raises `BadInput`."""
    from homeport.see.events.when import parse_moment

    now_ns = Clock().now_ns() if now_ns is None else now_ns
    since_ns = parse_moment(since, now_ns).start_ns if since is not None else None
    until_ns = parse_moment(until, now_ns).end_ns if until is not None else None
    if since_ns is not None and until_ns is not None and since_ns >= until_ns:
        raise BadInput(
            f"the time since {shortened(since or '')!r} until {shortened(until or '')!r} is none",
            why="it would end before it begins",
            next_step="exchange the two",
        )
    return _subject(text)._replace(
        at=parse_moment(at, now_ns) if at is not None else None,
        since_ns=since_ns,
        until_ns=until_ns,
    )


def _subject(text: str | None) -> Asked:
    if text is None:
        return Asked()
    try:
        target = parse_target(text)
    except BadInput:
        # What has a colon or only digits was meant as an endpoint; the complaint says what is
        # wrong with it.
        if not text.strip() or ":" in text or text.strip("0123456789. ") == "":
            raise
        return Asked(name=text.strip())
    is_endpoint = target.port is not None or target.addresses
    return Asked(target) if is_endpoint else Asked(name=text.strip())


def history_here(asked: Asked) -> Iterator[Tenancy]:
    """The history of this user; see `tenancies`."""
    return tenancies(journal_path(), asked, present_here(Clock()))


def recorded_here() -> list[Stretch]:
    """When this user's history was recorded; see `recorded`."""
    return recorded(journal_path())


def was_recorded_here(asked: Asked) -> bool:
    """Whether anybody recorded during a part of the time that is asked about."""
    from homeport.see.events.when import Span

    span = asked.at or Span(asked.since_ns or 0, asked.until_ns or Clock().now_ns())
    return covers(recorded_here(), span)


def forget_here(asked: Asked) -> int:
    """Deletes rows of this user's history."""
    path = journal_path()
    rows = [number for number, _ in entries(path, asked, present_here(Clock()))]
    return forget(path, rows) if rows else 0


def tenancies(path: str, asked: Asked, present: Present) -> Iterator[Tenancy]:
    """Who had what was asked for, the latest first. Raises `StateUnusable`."""
    for _, tenancy in entries(path, asked, present):
        yield tenancy


def entries(path: str, asked: Asked, present: Present) -> Iterator[tuple[int, Tenancy]]:
    """The same, each with the number of its row."""
    judge = _Judge(read_recordings(path), present)
    for entry in read_entries(path, _wanted(asked)):
        tenancy = judge.tenancy(entry)
        if _matches(tenancy, entry, asked):
            yield entry.id, tenancy


def before(port: int, *, limit: int = 5) -> tuple[Tenancy, ...] | None:
    """The last that had a port; None where nothing was ever recorded, which costs one stat()."""
    if not exists(journal_path()):
        return None
    return tuple(islice(history_here(Asked(Target(port=port))), limit))


def _wanted(asked: Asked) -> Wanted:
    port = None if asked.target is None else asked.target.port
    since = [moment for moment in (asked.since_ns, asked.at and asked.at.start_ns) if moment]
    until = [moment for moment in (asked.until_ns, asked.at and asked.at.end_ns) if moment]
    return Wanted(
        ports=() if port is None else (port,),
        since_ns=max(since, default=None),
        until_ns=min(until, default=None),
    )


def _matches(tenancy: Tenancy, entry: Entry, asked: Asked) -> bool:
    ended = tenancy.closed_ns
    since = [asked.since_ns or 0, asked.at.start_ns if asked.at else 0]
    if ended is not None and ended < max(since):
        return False
    if asked.target is not None:
        return _is_target(entry, asked.target)
    return asked.name is None or _is_named(tenancy, asked.name)


def _is_target(entry: Entry, target: Target) -> bool:
    endpoint = entry.endpoint
    if target.transport is not None and target.transport is not _plain(endpoint.transport):
        return False
    if target.interface and endpoint.interface not in {None, target.interface}:
        return False
    addresses = target.addresses
    return not addresses or any(reaches(endpoint.address, address) for address in addresses)


def _plain(transport: Transport) -> Transport:
    return Transport.TCP if transport is Transport.MPTCP else transport


def _is_named(tenancy: Tenancy, name: str) -> bool:
    program = tenancy.argv[0].rpartition("/")[2] if tenancy.argv else ""
    directory = (tenancy.cwd or "").rpartition("/")[2]
    names = (tenancy.name or "", tenancy.project or "", program, directory)
    return any(name.casefold() in each.casefold() for each in names)


class _Judge:
    """Says of a row without an end whether it is open still, or when it was last seen."""

    def __init__(self, recordings: list[Recording], present: Present) -> None:
        self._recordings = recordings
        self._present = present
        self._open: frozenset[tuple[int, int]] | None = None

    def tenancy(self, entry: Entry) -> Tenancy:
        """The row as it is to be told."""
        closed_ns, known = entry.closed_ns, entry.closed_known
        if closed_ns is None and not self._is_open(entry):
            closed_ns, known = self._last_seen(entry), False
        return Tenancy(
            endpoint=entry.endpoint,
            opened_ns=entry.opened_ns,
            closed_ns=closed_ns,
            closed_known=known,
            pid=entry.pid,
            name=entry.name,
            argv=entry.argv,
            user=entry.user,
            cwd=entry.cwd,
            project=entry.project,
            seen_ns=entry.seen_ns,
        )

    def _is_open(self, entry: Entry) -> bool:
        if entry.boot != self._present.boot:
            return False
        if self._present.now_ns - self._last_seen(entry) < ALIVE_NS:
            return True
        if entry.netns != self._present.netns:
            return False
        if self._open is None:
            self._open = self._present.open_sockets()
        return (entry.netns, entry.number) in self._open

    def _last_seen(self, entry: Entry) -> int:
        covering = (
            recording.seen_ns
            for recording in self._recordings
            if (recording.boot, recording.netns) == (entry.boot, entry.netns)
            and (recording.udp or entry.endpoint.transport is not Transport.UDP)
        )
        return max(entry.seen_ns, *covering, 0)


def recorded(path: str) -> list[Stretch]:
    """When anybody recorded, the earliest first; stretches that meet are one."""
    stretches: list[Stretch] = []
    for recording in read_recordings(path):
        began, ended = recording.started_ns, recording.seen_ns
        if stretches and began <= stretches[-1].ended_ns + ALIVE_NS:
            last = stretches.pop()
            began, ended = last.began_ns, max(ended, last.ended_ns)
        stretches.append(Stretch(began, ended))
    return stretches


def covers(stretches: Iterable[Stretch], span: Span) -> bool:
    """Whether anybody recorded during a part of the span."""
    return any(
        stretch.began_ns < span.end_ns and stretch.ended_ns + ALIVE_NS >= span.start_ns
        for stretch in stretches
    )
