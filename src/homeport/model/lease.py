"""A lease: a port that is promised to somebody, and held so that nobody else gets it."""

from __future__ import annotations

from homeport.model.errors import HomeportError
from homeport.model.port import PortRange
from homeport.model.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.endpoint import Endpoint, Transport

LEASED = PortRange(20_000, 29_999)
"""Where ports are leased: user ports, below those that Linux assigns by itself."""


class LeaseKey(NamedTuple):
    """Whose lease it is: the same key gets the same port each time, as long as that is free.

    `root` is the directory of the project, each git worktree having its own; `name` that of the
    service in it.
    """

    root: str
    name: str


class LeaseFacts(NamedTuple):
    """A lease as it is listed.

    `pid` is a process that holds it, None where that cannot be told; `key` is None for a lease
    that nobody named.
    """

    transport: Transport
    port: int
    key: LeaseKey | None = None
    pid: int | None = None


class NoPortLeft(HomeportError):
    """Every port of the range that was asked for belongs to somebody."""


class PortTaken(HomeportError):
    """A port that was wanted belongs to somebody else; `endpoint` says which one."""

    def __init__(
        self,
        what: str,
        *,
        endpoint: Endpoint,
        why: str | None = None,
        next_step: str | None = None,
    ) -> None:
        super().__init__(what, why=why, next_step=next_step)
        self.endpoint = endpoint
