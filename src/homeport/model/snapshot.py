"""One look at the machine: every socket that was asked for, with its owners."""

from __future__ import annotations

from homeport.model.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from homeport.model.endpoint import Endpoint
    from homeport.model.process import Process
    from homeport.model.sockets import Connection, Listener, UnixListener


class Query(NamedTuple):
    """What a snapshot holds. What is not asked for is not looked up, and so costs nothing.

    `facts` are argv, project, unit, ancestry and the like of the owners; without them an owner is
    pid, start and name. `all_namespaces` looks beyond the network namespace of the caller.
    """

    connections: bool = True
    udp: bool = True
    unix: bool = True
    owners: bool = True
    facts: bool = True
    all_namespaces: bool = True


class Namespace(NamedTuple):
    """A network namespace: its inode, its name below /run/netns, a pid that lives in it.

    `own` marks that of the caller. `complete` is False where only /proc/PID/net could be read.
    """

    inode: int
    name: str | None = None
    pid: int | None = None
    own: bool = False
    complete: bool = True


class Edge(NamedTuple):
    """A connection with both ends on this machine: who opened it and who serves it.

    `service` is the endpoint that was connected to. Where neither end is a listener's port, the
    lower port is taken for the serving one.
    """

    service: Endpoint
    clients: tuple[Process, ...]
    servers: tuple[Process, ...]
    connections: int = 1


class Snapshot(NamedTuple):
    """The sockets of a machine at one moment.

    `taken_ns` is in nanoseconds since the epoch. `strategy` names how owners were found.
    `limits` are sentences that say what could not be seen, and what would show it.
    """

    taken_ns: int
    listeners: tuple[Listener, ...]
    connections: Sequence[Connection] = ()
    unix_listeners: tuple[UnixListener, ...] = ()
    namespaces: tuple[Namespace, ...] = ()
    strategy: str = "none"
    limits: tuple[str, ...] = ()
