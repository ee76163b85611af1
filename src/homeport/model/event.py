"""What happened on the ports, over time."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from homeport.model.record import NamedTuple

if TYPE_CHECKING:
    from homeport.model.endpoint import Endpoint
    from homeport.model.process import Certainty, Process


class EventKind(StrEnum):
    """What happened to a listener.

    PASSED: a socket was bound to the endpoint and gone again between two looks, and only its end
    was reported. Whether it listened before it closed, the kernel does not tell.
    """

    OPENED = "opened"
    CLOSED = "closed"
    OWNER_CHANGED = "owner changed"
    PASSED = "passed"


class Event(NamedTuple):
    """Something that happened to a listener, at `at_ns` (nanoseconds since the epoch).

    `owners` are those after an opening or a change, and the last that were known before a closing;
    `certainty` says how sure they are, None where nobody looked. `previous` are the owners before
    a change. `inode` is 0 where only the end of the socket was seen; `cookie` is the kernel's own
    number of the socket, never used twice, None where the kernel tells none.
    """

    at_ns: int
    kind: EventKind
    endpoint: Endpoint
    inode: int
    netns: int
    owners: tuple[Process, ...] = ()
    previous: tuple[Process, ...] = ()
    certainty: Certainty | None = None
    cookie: int | None = None


class Tenancy(NamedTuple):
    """Who had an endpoint, from when to when.

    `opened_ns` is None where it was open before recording began, `closed_ns` None while it is
    open; `closed_known` is False where the recorder was away when it closed, so that `closed_ns`
    is only the last moment at which it was seen. `seen_ns` is the first moment at which it was
    seen, which is `opened_ns` where that is known.
    """

    endpoint: Endpoint
    opened_ns: int | None
    closed_ns: int | None
    closed_known: bool
    pid: int | None
    name: str | None
    argv: tuple[str, ...]
    user: str | None
    cwd: str | None
    project: str | None
    seen_ns: int = 0


class Stretch(NamedTuple):
    """A time through which what happened was recorded, in nanoseconds since the epoch."""

    began_ns: int
    ended_ns: int
