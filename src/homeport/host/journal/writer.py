"""The history as a recorder writes it: who had which socket, kept whatever happens to us.

SQLite with a write-ahead log: a process that dies at any moment loses only what it had not yet
handed over, and several recorders may write at once. They see the same sockets: a socket's row is
found by what the kernel calls it (boot, network namespace, cookie), and is never made twice.
"""

from __future__ import annotations

import os
from contextlib import contextmanager

from homeport.host.journal.file import Damaged, move_aside, open_for_writing, translated
from homeport.model.event import EventKind
from homeport.model.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

    from homeport.model.endpoint import Endpoint

DAY_NS = 86_400 * 1_000_000_000
MAX_AGE_NS = 90 * DAY_NS
MAX_SIZE_BYTES = 64 * 1024 * 1024
PRUNE_ROWS = 500
"""How many rows one step of pruning deletes: a few milliseconds, so that no writer waits."""


class SocketName(NamedTuple):
    """What a socket is known by: its namespace, the kernel's number for it, and its endpoint.

    `number` is the cookie, or the inode where no cookie is known, or 0.
    """

    netns: int
    number: int
    endpoint: Endpoint


class Holder(NamedTuple):
    """The process that is written down as the one who has a socket."""

    pid: int
    start_ticks: int
    name: str | None = None
    argv: tuple[str, ...] = ()
    user: str | None = None
    cwd: str | None = None
    project: str | None = None


class Change(NamedTuple):
    """One thing to write down. `holder` is None where nobody could be seen."""

    kind: EventKind
    socket: SocketName
    at_ns: int
    holder: Holder | None = None


class Present(NamedTuple):
    """A socket that is open while recording begins."""

    socket: SocketName
    holder: Holder | None = None


class Sight(NamedTuple):
    """What one recorder can see: its boot, its network namespace, and whether UDP too."""

    boot: str
    netns: int
    udp: bool


class _Row(NamedTuple):
    """What has to be known of a socket's newest row before it is written to again."""

    id: int
    generation: int
    seen_ns: int
    closed_ns: int | None
    closed_known: int
    pid: int | None
    start_ticks: int | None

    def held_by(self, holder: Holder | None) -> bool:
        """Whether the row tells of this holder already."""
        return holder is not None and (self.pid, self.start_ticks) == holder[:2]


_FIND = """
SELECT id, generation, seen_ns, closed_ns, closed_known, pid, start_ticks FROM tenancy
WHERE boot = ? AND netns = ? AND socket = ? AND transport = ? AND address = ? AND port = ?
AND interface = ? ORDER BY generation DESC LIMIT 1"""
_INSERT = """
INSERT INTO tenancy (boot, netns, socket, transport, address, port, interface, generation,
seen_ns, opened_ns, closed_ns, closed_known, argv)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '[]')"""
_TELL = """
UPDATE tenancy SET pid = ?, start_ticks = ?, name = ?, argv = ?, user = ?, cwd = ?, project = ?
WHERE id = ?"""
_OPENED = """
UPDATE tenancy SET opened_ns = coalesce(min(opened_ns, ?), ?), seen_ns = min(seen_ns, ?)
WHERE id = ?"""
_CLOSE = "UPDATE tenancy SET closed_ns = max(seen_ns, ?), closed_known = 1 WHERE id = ?"
_REOPEN = "UPDATE tenancy SET closed_ns = NULL, closed_known = 0 WHERE id = ?"
_BEAT = """
INSERT INTO recorder (boot, netns, udp, pid, started_ns, seen_ns) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET seen_ns = max(seen_ns, excluded.seen_ns)"""
_LOSE = """
UPDATE tenancy SET closed_known = 0, closed_ns = max(seen_ns, coalesce((
    SELECT max(recorder.seen_ns) FROM recorder
    WHERE recorder.boot = tenancy.boot AND recorder.netns = tenancy.netns
    AND (recorder.udp OR tenancy.transport <> 'udp')), 0))
WHERE closed_ns IS NULL"""
_OPEN_HERE = """
SELECT id, socket, transport, address, port, interface FROM tenancy
WHERE closed_ns IS NULL AND boot = ? AND netns = ? AND (? OR transport <> 'udp') AND seen_ns < ?"""
_PRUNE = """
DELETE FROM tenancy WHERE id IN (
    SELECT id FROM tenancy WHERE closed_ns < ? ORDER BY seen_ns LIMIT ?)"""


class Journal:
    """A recorder's own connection to the database, for one thread.

    Raises `Unwritable` when the disk is full or another writer keeps the lock: nothing of the
    call is written then, and it may be made again later. `notices` are sentences about what had
    to be done to the file, for the one who watches.
    """

    def __init__(self, path: str, sight: Sight, started_ns: int) -> None:
        self._path = path
        self._sight = sight
        self._started_ns = started_ns
        self.notices: list[str] = []
        self._database = self._opened()
        with translated(path):
            self._identity = _identity(path)

    def _opened(self) -> sqlite3.Connection:
        try:
            return open_for_writing(self._path)
        except Damaged as error:
            aside = move_aside(self._path)
            self.notices.append(f"{error}; it is now {aside}, and a new one is begun")
            return open_for_writing(self._path)

    def close(self) -> None:
        """Gives the connection back; what was written stays."""
        self._database.close()

    def replaced(self) -> bool:
        """Whether the path now leads to another file, or to none: then a new journal is needed."""
        try:
            return _identity(self._path) != self._identity
        except OSError:
            return True

    def write(self, changes: Iterable[Change], at_ns: int) -> None:
        """Writes all of these or none, and that this recorder was there at `at_ns`."""
        with self._writing():
            for change in changes:
                self._apply(change)
            self._beat(at_ns)

    def adopt(self, present: Sequence[Present], at_ns: int) -> None:
        """Brings the rows that are still open in line with what is open now.

        Of a socket that went while no recorder was there, only the last moment at which one was
        is known. `at_ns` is from before the sockets were read.
        """
        with self._writing():
            self._lose_others(present, at_ns)
            for socket, holder in present:
                self._adopt(socket, holder, at_ns)
            self._beat(at_ns)

    def prune(
        self, at_ns: int, *, age_ns: int = MAX_AGE_NS, size_bytes: int = MAX_SIZE_BYTES
    ) -> bool:
        """One small step towards the bounds of age and size; whether there may be more to do."""
        with self._writing():
            self._database.execute("DELETE FROM recorder WHERE seen_ns < ?", (at_ns - age_ns,))
            deleted = self._database.execute(_PRUNE, (at_ns - age_ns, PRUNE_ROWS)).rowcount
            if not deleted and self._used_bytes() > size_bytes:
                deleted = self._database.execute(_PRUNE, (at_ns, PRUNE_ROWS)).rowcount
        with translated(self._path):
            # It frees a page each time that it is stepped, and execute() steps it only once.
            self._database.executescript("PRAGMA incremental_vacuum(1000)")
        return deleted > 0

    def _used_bytes(self) -> int:
        pages, free, size = (
            self._database.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
        return int((pages - free) * size)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with translated(self._path):
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._database.execute("COMMIT")
            except BaseException:
                # After some errors (a full disk) SQLite has rolled back by itself.
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise

    def _beat(self, at_ns: int) -> None:
        row = (*self._sight, os.getpid(), self._started_ns, at_ns)
        self._database.execute(_BEAT, row)

    def _apply(self, change: Change) -> None:
        row = self._newest(change.socket)
        match change.kind:
            case EventKind.OPENED:
                self._write_opened(row, change)
            case EventKind.OWNER_CHANGED:
                self._write_owner(row, change)
            case EventKind.CLOSED:
                self._write_closed(row, change)
            case EventKind.PASSED if row is None:
                self._insert(change.socket, change.at_ns, closed_ns=change.at_ns)
            case EventKind.PASSED:
                self._write_closed(row, change)

    def _write_opened(self, row: _Row | None, change: Change) -> None:
        if row is None:
            self._insert(change.socket, change.at_ns, change.at_ns, change.holder)
        elif row.closed_ns is None or change.at_ns <= row.closed_ns:
            # Another recorder was faster, perhaps even in telling the end.
            self._database.execute(_OPENED, (change.at_ns, change.at_ns, change.at_ns, row.id))
            if row.pid is None:
                self._tell(row.id, change.holder)
        else:
            self._insert_next(row, change, change.at_ns)

    def _write_closed(self, row: _Row | None, change: Change) -> None:
        if row is not None and not (row.closed_ns and row.closed_known):
            self._database.execute(_CLOSE, (change.at_ns, row.id))

    def _write_owner(self, row: _Row | None, change: Change) -> None:
        if row is None:
            self._insert(change.socket, change.at_ns, None, change.holder)
        elif row.closed_ns is not None or row.held_by(change.holder):
            return
        elif row.pid is None:
            self._tell(row.id, change.holder)
        else:
            self._database.execute(_CLOSE, (change.at_ns, row.id))
            self._insert_next(row, change, change.at_ns)

    def _adopt(self, socket: SocketName, holder: Holder | None, at_ns: int) -> None:
        row = self._newest(socket)
        change = Change(EventKind.OPENED, socket, at_ns, holder)
        if row is None:
            self._insert(socket, at_ns, None, holder)
        elif row.closed_ns is not None and row.closed_known:
            if row.closed_ns < at_ns:
                self._insert_next(row, change, None)
        elif row.pid is None or holder is None or row.held_by(holder):
            self._database.execute(_REOPEN, (row.id,))
            if row.pid is None:
                self._tell(row.id, holder)
        else:
            self._database.execute(f"{_LOSE} AND id = ?", (row.id,))
            self._insert_next(row, change, None)

    def _lose_others(self, present: Sequence[Present], at_ns: int) -> None:
        boot, netns, udp = self._sight
        self._database.execute(f"{_LOSE} AND boot <> ?", (boot,))
        kept = {_columns(open_now.socket)[1:] for open_now in present}
        lost = [
            (row[0],)
            for row in self._database.execute(_OPEN_HERE, (boot, netns, udp, at_ns)).fetchall()
            if tuple(row[1:]) not in kept
        ]
        self._database.executemany(f"{_LOSE} AND id = ?", lost)

    def _newest(self, socket: SocketName) -> _Row | None:
        row = self._database.execute(_FIND, (self._sight.boot, *_columns(socket))).fetchone()
        return None if row is None else _Row(*row)

    def _insert_next(self, row: _Row, change: Change, opened_ns: int | None) -> None:
        generation = row.generation + 1
        self._insert(change.socket, change.at_ns, opened_ns, change.holder, generation=generation)

    def _insert(
        self,
        socket: SocketName,
        seen_ns: int,
        opened_ns: int | None = None,
        holder: Holder | None = None,
        *,
        closed_ns: int | None = None,
        generation: int = 0,
    ) -> None:
        moments = (seen_ns, opened_ns, closed_ns, closed_ns is not None)
        row = (self._sight.boot, *_columns(socket), generation, *moments)
        identity = self._database.execute(_INSERT, row).lastrowid
        assert identity is not None  # noqa: S101  (an INSERT into a table with a rowid has one)
        self._tell(identity, holder)

    def _tell(self, identity: int, holder: Holder | None) -> None:
        if holder is None:
            return
        import json

        pid, start_ticks, name, argv, user, cwd, project = holder
        texts = (_text(name), json.dumps(argv), _text(user), _text(cwd), _text(project))
        self._database.execute(_TELL, (pid, start_ticks, *texts, identity))


def _identity(path: str) -> tuple[int, int]:
    status = os.stat(path)
    return status.st_dev, status.st_ino


def _columns(socket: SocketName) -> tuple[int, int, str, str, int, str]:
    transport, address, port, interface = socket.endpoint
    # SQLite's integers are signed, a cookie is not.
    number = socket.number - (1 << 64) if socket.number >= 1 << 63 else socket.number
    return socket.netns, number, transport.value, address, port, interface or ""


def _text(text: str | None) -> str | None:
    r"""The text as SQLite can hold it: bytes that were no UTF-8 (PEP 383) become `\xff`."""
    if text is None or text.isascii():
        return text
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
