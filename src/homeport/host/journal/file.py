"""The file of the history database: where it lies, how it is opened, begun, upgraded, set aside.

Only this module knows its format; `writer` beside it writes rows and `reader` reads them.
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import contextmanager

from homeport.model.errors import StateUnusable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

BUSY_SECONDS = 2.0
"""How long a writer waits for another one. A transaction of ours takes about a millisecond."""

_LOCK_SECONDS = 5.0
_APPLICATION = 0x686F6D65  # "home", for file(1)

_MIGRATIONS = (
    (
        """
CREATE TABLE tenancy (
    id INTEGER PRIMARY KEY,
    boot TEXT NOT NULL,
    netns INTEGER NOT NULL,
    socket INTEGER NOT NULL,
    transport TEXT NOT NULL,
    address TEXT NOT NULL,
    port INTEGER NOT NULL,
    interface TEXT NOT NULL,
    generation INTEGER NOT NULL,
    seen_ns INTEGER NOT NULL,
    opened_ns INTEGER,
    closed_ns INTEGER,
    closed_known INTEGER NOT NULL,
    pid INTEGER,
    start_ticks INTEGER,
    name TEXT,
    argv TEXT NOT NULL,
    user TEXT,
    cwd TEXT,
    project TEXT,
    UNIQUE (boot, netns, socket, transport, address, port, interface, generation)
)""",
        "CREATE INDEX tenancy_port ON tenancy (port, seen_ns)",
        "CREATE INDEX tenancy_seen ON tenancy (seen_ns)",
        "CREATE INDEX tenancy_open ON tenancy (boot, netns) WHERE closed_ns IS NULL",
        """
CREATE TABLE recorder (
    boot TEXT NOT NULL,
    netns INTEGER NOT NULL,
    udp INTEGER NOT NULL,
    pid INTEGER NOT NULL,
    started_ns INTEGER NOT NULL,
    seen_ns INTEGER NOT NULL,
    PRIMARY KEY (boot, netns, pid, started_ns)
) WITHOUT ROWID""",
    ),
)
"""What leads from each version of the format to the next; the last one's number is ours."""

VERSION = len(_MIGRATIONS)


class Unwritable(StateUnusable):
    """Nothing can be written just now: no room, or another writer holds the lock."""


class Damaged(StateUnusable):
    """The file is no database, or a broken one."""


@contextmanager
def translated(path: str) -> Iterator[None]:
    """Turns SQLite's errors into ours, by their result codes (sqlite.org/rescode.html)."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
            raise Damaged(f"the history {path} is damaged", why=str(error)) from error
        raise _unwritable(path, error, code) from error
    except UnicodeDecodeError as error:
        # The module cannot read a text of the file, or SQLite's own complaint that quotes one.
        raise Damaged(f"the history {path} is damaged", why=str(error)) from error
    except OSError as error:
        raise Unwritable(f"the history {path} cannot be used", why=error.strerror) from error


def _unwritable(path: str, error: sqlite3.Error, code: int) -> Unwritable:
    steps = {
        sqlite3.SQLITE_FULL: "make room on the disk",
        sqlite3.SQLITE_BUSY: "another program holds the file: end it, or try again",
        sqlite3.SQLITE_CANTOPEN: "look at the permissions of the file and its directory",
        sqlite3.SQLITE_READONLY: "look at the permissions of the file and its directory",
    }
    return Unwritable(
        f"the history {path} cannot be used", why=str(error), next_step=steps.get(code)
    )


def open_for_writing(path: str) -> sqlite3.Connection:
    """Opens the database, begins it where there is none, brings an older format up to ours.

    Its directory is made too, both for this user only.

    Raises `Damaged`, `Unwritable`, or `StateUnusable` for a format that is newer than this code.
    """
    from homeport.host.files import make_private

    make_private(os.path.dirname(path))
    with _locked(path), translated(path):
        # The file is made here because SQLite would make it readable for everybody.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        return _prepared(path)


def _prepared(path: str) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        database.execute("PRAGMA auto_vacuum = INCREMENTAL")
        database.execute("PRAGMA journal_mode = WAL")
        # A commit that is in the log outlives the process; only a power cut may take the last
        # ones, and never the file's consistency. FULL would cost an fsync per commit.
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute("PRAGMA journal_size_limit = 4194304")
        _check(database, path)
        _migrate(database)
    except BaseException:
        database.close()
        raise
    return database


def _check(database: sqlite3.Connection, path: str) -> None:
    problem = database.execute("PRAGMA quick_check(1)").fetchone()[0]
    if problem != "ok":
        raise Damaged(f"the history {path} is damaged", why=problem)
    usable(database, path)


def usable(database: sqlite3.Connection, path: str) -> bool:
    """Whether the file holds a history; False for an empty one.

    Raises `StateUnusable` for one that a later Homeport wrote.
    """
    version = _version(database)
    if version > VERSION:
        raise StateUnusable(
            f"the history {path} was written by a newer Homeport",
            why=f"its format is {version}, this program knows {VERSION}",
            next_step="upgrade Homeport, or move the file away",
        )
    return version > 0


def empty_database() -> sqlite3.Connection:
    """A history in memory that nothing was ever written to."""
    database = sqlite3.connect(":memory:", isolation_level=None)
    _migrate(database)
    return database


def _version(database: sqlite3.Connection) -> int:
    return int(database.execute("PRAGMA user_version").fetchone()[0])


def _migrate(database: sqlite3.Connection) -> None:
    version = _version(database)
    if version == VERSION:
        return
    database.execute("BEGIN IMMEDIATE")
    for statements in _MIGRATIONS[version:]:
        for statement in statements:
            database.execute(statement)
    database.execute(f"PRAGMA application_id = {_APPLICATION}")
    database.execute(f"PRAGMA user_version = {VERSION}")
    database.execute("COMMIT")


def move_aside(path: str) -> str:
    """Gives a damaged database and its log another name, which is returned."""
    with _locked(path), translated(path):
        aside = f"{path}.damaged-{time.time_ns() // 1_000_000_000}"
        for suffix in ("-wal", "-shm", ""):
            try:
                os.rename(path + suffix, aside + suffix)
            except FileNotFoundError:
                continue
    return aside


@contextmanager
def _locked(path: str) -> Iterator[None]:
    """Lets one process at a time open, begin or set aside the file."""
    import fcntl

    with translated(path):
        lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + _LOCK_SECONDS
    try:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    why = f"{path}.lock has been held for {_LOCK_SECONDS:.0f} s"
                    raise Unwritable(f"the history {path} is in use", why=why) from None
                time.sleep(0.01)
        yield
    finally:
        os.close(lock)
