"""The history as it is read, and forgotten. Where there is no file, nothing is opened or made."""

from __future__ import annotations

import os
from contextlib import contextmanager

from homeport.model.endpoint import Endpoint, Transport
from homeport.model.errors import StateUnusable
from homeport.model.port import MAX_PORT
from homeport.model.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator

    from homeport.model.errors import HomeportError

# sqlite3 (3 ms) is imported where it is needed: `explain` asks for history on every run, and on
# most machines there is none.


class Entry(NamedTuple):
    """One row: who had a socket, and which socket of which boot that was.

    Times are in nanoseconds since the epoch. `opened_ns` is None where the opening was not seen,
    `closed_ns` where no recorder has written down the end.
    """

    id: int
    boot: str
    netns: int
    number: int
    endpoint: Endpoint
    seen_ns: int
    opened_ns: int | None
    closed_ns: int | None
    closed_known: bool
    pid: int | None
    name: str | None
    argv: tuple[str, ...]
    user: str | None
    cwd: str | None
    project: str | None


class Recording(NamedTuple):
    """A stretch of time through which one recorder watched."""

    boot: str
    netns: int
    udp: bool
    pid: int
    started_ns: int
    seen_ns: int


class Wanted(NamedTuple):
    """Which rows to read: of these ports (none: of all), that overlap the time asked for."""

    ports: tuple[int, ...] = ()
    since_ns: int | None = None
    until_ns: int | None = None


_COLUMNS = (
    "id, boot, netns, socket, transport, address, port, interface, seen_ns, opened_ns, "
    "closed_ns, closed_known, pid, name, argv, user, cwd, project"
)
_LAST_NS = 1 << 62  # the year 2116
_RECORDINGS = "SELECT boot, netns, udp, pid, started_ns, seen_ns FROM recorder ORDER BY started_ns"


def journal_path() -> str:
    """Where the history lies: `homeport/history.db` in the XDG state directory."""
    from homeport.host.files import state_dir

    return os.path.join(state_dir(), "history.db")


def exists(path: str) -> bool:
    """Whether anything was ever recorded there; raises `StateUnusable` where one may not look."""
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise StateUnusable(
            f"the history {path} cannot be read",
            why=error.strerror,
            next_step=f"look at the permissions: namei -l {path}",
        ) from error
    return True


def read_entries(path: str, wanted: Wanted) -> Iterator[Entry]:
    """The rows that are wanted, the newest first; none where nothing was ever recorded.

    They are read as they are taken. Raises `StateUnusable`.
    """
    if not exists(path):
        return
    condition, values = _condition(wanted)
    # The condition is made of the constants above; every value goes in by its place.
    query = f"SELECT {_COLUMNS} FROM tenancy WHERE {condition} ORDER BY seen_ns DESC, id DESC"  # noqa: S608
    with _reading(path) as database:
        for row in database.execute(query, values):
            yield _checked(row, path)


def _condition(wanted: Wanted) -> tuple[str, list[int]]:
    parts, values = ["1"], list[int]()
    if wanted.ports:
        parts.append(f"port IN ({', '.join('?' * len(wanted.ports))})")
        values += wanted.ports
    if wanted.since_ns is not None:
        parts.append("(closed_ns IS NULL OR closed_ns >= ?)")
        values.append(wanted.since_ns)
    if wanted.until_ns is not None:
        parts.append("seen_ns < ?")
        values.append(wanted.until_ns)
    return " AND ".join(parts), values


def _checked(row: sqlite3.Row, path: str) -> Entry:
    """The row as an entry; raises `Damaged` for values that no recorder has written.

    SQLite itself does not notice when a byte of a value has turned.
    """
    moments = [row[name] or 0 for name in ("seen_ns", "opened_ns", "closed_ns")]
    try:
        entry = _entry(row)
        sound = all(0 <= moment < _LAST_NS for moment in moments) and 0 <= row["port"] <= MAX_PORT
        words = (entry.endpoint.address, entry.name, entry.user, entry.cwd, entry.project)
        sound &= all(isinstance(word, str | None) for word in (*words, *entry.argv))
    except (TypeError, ValueError) as error:
        raise _damaged(path) from error
    if not sound:
        raise _damaged(path)
    return entry


def _damaged(path: str) -> HomeportError:
    from homeport.host.journal.file import Damaged

    return Damaged(
        f"the history {path} is damaged",
        why="it holds values that no recorder writes",
        next_step="move the file away; the next recording begins a new one",
    )


def _entry(row: sqlite3.Row) -> Entry:
    import json

    return Entry(
        id=row["id"],
        boot=row["boot"],
        netns=row["netns"],
        number=row["socket"] % (1 << 64),
        endpoint=Endpoint(
            Transport(row["transport"]), row["address"], row["port"], row["interface"] or None
        ),
        seen_ns=row["seen_ns"],
        opened_ns=row["opened_ns"],
        closed_ns=row["closed_ns"],
        closed_known=bool(row["closed_known"]),
        pid=row["pid"],
        name=row["name"],
        argv=tuple(json.loads(row["argv"])),
        user=row["user"],
        cwd=row["cwd"],
        project=row["project"],
    )


def read_recordings(path: str) -> list[Recording]:
    """When recorders watched, the earliest first. Raises `StateUnusable`."""
    if not exists(path):
        return []
    with _reading(path) as database:
        rows = database.execute(_RECORDINGS).fetchall()
    if not all(isinstance(row[name], int) for row in rows for name in ("started_ns", "seen_ns")):
        raise _damaged(path)
    return [
        Recording(
            boot=row["boot"],
            netns=row["netns"],
            udp=bool(row["udp"]),
            pid=row["pid"],
            started_ns=row["started_ns"],
            seen_ns=row["seen_ns"],
        )
        for row in rows
    ]


def forget(path: str, identities: Iterable[int]) -> int:
    """Deletes rows by their ids and wipes them from the file; how many there were.

    Raises `StateUnusable`.
    """
    from homeport.host.journal.file import open_for_writing, translated

    if not exists(path):
        return 0
    database = open_for_writing(path)
    try:
        with translated(path):
            database.execute("PRAGMA secure_delete = ON")
            database.execute("BEGIN IMMEDIATE")
            rows = [(identity,) for identity in identities]
            deleted = database.executemany("DELETE FROM tenancy WHERE id = ?", rows).rowcount
            database.execute("COMMIT")
            database.executescript("PRAGMA incremental_vacuum")
            # What was deleted stands in the log until that is written back and cut.
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        database.close()
    return deleted


@contextmanager
def _reading(path: str) -> Iterator[sqlite3.Connection]:
    """A connection that writes nothing; `StateUnusable` for whatever goes wrong within."""
    from homeport.host.journal.file import Unwritable, translated

    with translated(path):
        try:
            database = _connect(path, "mode=ro")
        except Unwritable:
            # On a full or read-only disk a reader cannot make the log's index. Without a log the
            # file alone is the whole truth.
            if _has_log(path):
                raise
            database = _connect(path, "immutable=1")
        try:
            yield database
        finally:
            database.close()


def _has_log(path: str) -> bool:
    try:
        return os.path.getsize(f"{path}-wal") > 0
    except OSError:
        return False


def _connect(path: str, how: str) -> sqlite3.Connection:
    import sqlite3
    from urllib.parse import quote

    from homeport.host.journal.file import BUSY_SECONDS, empty_database, translated, usable

    with translated(path):
        address = f"file:{quote(path)}?{how}"
        database = sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            begun = usable(database, path)
        except BaseException:
            database.close()
            raise
    if not begun:
        database.close()
        database = empty_database()
    database.row_factory = sqlite3.Row
    return database
