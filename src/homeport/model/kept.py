"""What is kept of a project directory while its services do not run: data, logs, passwords."""

from __future__ import annotations

from enum import StrEnum

from homeport.model.record import NamedTuple


class Whereabouts(StrEnum):
    """Where the directory is for which something is kept.

    HERE: where it was. GONE: nothing is left at its path. AWAY: it was on a file system that is not
    mounted now. UNKNOWN: nobody noted which directory it was, or this user may not look.
    """

    HERE = "here"
    GONE = "gone"
    AWAY = "away"
    UNKNOWN = "unknown"


class Kept(NamedTuple):
    """What is kept of one directory.

    `id` tells it from all others, `root` is the directory (None: not noted). `services` are those
    that have data, `size` is the room on the disk, in bytes, `used_ns` when services were started
    there for the last time (nanoseconds since the epoch).
    """

    id: str
    root: str | None
    whereabouts: Whereabouts
    services: tuple[str, ...] = ()
    size: int = 0
    used_ns: int | None = None
    is_running: bool = False
