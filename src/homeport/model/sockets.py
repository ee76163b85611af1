"""Sockets as the kernel tells of them: listeners, connections, and unix listeners."""

from __future__ import annotations

from enum import IntEnum, StrEnum

from homeport.model.address import Scope, scope_of
from homeport.model.endpoint import Endpoint, Transport
from homeport.model.port import PortClass, port_class
from homeport.model.process import Certainty, Container, Process
from homeport.model.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.home import Held
    from homeport.model.identity import Identity


class TcpState(IntEnum):
    """The states of RFC 9293, section 3.3.2, numbered as in Linux's include/net/tcp_states.h."""

    ESTABLISHED = 1
    SYN_SENT = 2
    SYN_RECEIVED = 3
    FIN_WAIT_1 = 4
    FIN_WAIT_2 = 5
    TIME_WAIT = 6
    CLOSED = 7
    CLOSE_WAIT = 8
    LAST_ACK = 9
    LISTEN = 10
    CLOSING = 11
    NEW_SYN_RECEIVED = 12
    BOUND_INACTIVE = 13

    @property
    def label(self) -> str:
        """The name as RFC 9293 writes it: `TIME-WAIT`."""
        return self.name.replace("_", "-")


class BehindKind(StrEnum):
    """Why the holder of a socket is not the one who serves it."""

    DOCKER_PROXY = "docker-proxy"
    PORT_FORWARDER = "port forwarder"
    SOCKET_ACTIVATION = "socket activation"


class Behind(NamedTuple):
    """The service that stands behind a listener held by somebody else on its behalf.

    `endpoint` is where the proxy sends what it gets; `owners`, `unit` and `container` are known as
    far as they could be seen; `evidence` says from what this was read.
    """

    kind: BehindKind
    evidence: str
    endpoint: Endpoint | None = None
    owners: tuple[Process, ...] = ()
    unit: str | None = None
    container: Container | None = None


class Listener(NamedTuple):
    """A TCP or MPTCP socket in LISTEN, or a bound UDP socket that is connected to nobody.

    `queue` and `backlog` are connections that wait for accept() and how many may (TCP), or bytes
    that wait to be read and None (UDP). `netns` is the inode of the network namespace. `v6only` is
    None for IPv4. `cgroup_id` is the inode of the cgroup directory (v2) in which it was made. `uid`
    is None for a hidden owner's where psutil is all there is. `identity` is what it speaks, None
    where that was not asked, or not found out. `held` is the lease of Homeport's that this user
    has of the port.
    """

    endpoint: Endpoint
    inode: int
    netns: int
    uid: int | None
    user: str | None = None
    v6only: bool | None = None
    queue: int = 0
    backlog: int | None = None
    cookie: int | None = None
    cgroup_id: int | None = None
    certainty: Certainty = Certainty.HIDDEN
    owners: tuple[Process, ...] = ()
    behind: Behind | None = None
    service_name: str | None = None
    identity: Identity | None = None
    held: Held | None = None

    @property
    def room(self) -> int | None:
        """How many connections may wait for accept(): Linux takes one more than the backlog.

        Source: sk_acceptq_is_full in include/net/sock.h. None where no backlog is known.
        """
        return None if self.backlog is None else self.backlog + 1

    @property
    def scope(self) -> Scope:
        """The scope of the address: who may reach it, as far as the address tells."""
        return scope_of(self.endpoint.address)

    @property
    def port_class(self) -> PortClass:
        """The RFC 6335 class of the port."""
        return port_class(self.endpoint.port)


class Connection(NamedTuple):
    """A socket with a peer, in any TCP state but LISTEN, or a connected UDP socket.

    Queues are in bytes; `timer_ms` is what is left of the running timer (in TIME-WAIT: until the
    port pair is free again), None where none runs. A socket in TIME-WAIT or SYN-RECEIVED has inode
    0 and no owner any more, or none yet.
    """

    transport: Transport
    state: TcpState
    local_address: str
    local_port: int
    remote_address: str
    remote_port: int
    inode: int
    netns: int
    uid: int | None
    receive_queue: int = 0
    send_queue: int = 0
    interface: str | None = None
    timer_ms: int | None = None
    certainty: Certainty = Certainty.HIDDEN
    owners: tuple[Process, ...] = ()

    @property
    def local(self) -> Endpoint:
        """This end."""
        return Endpoint(self.transport, self.local_address, self.local_port, self.interface)

    @property
    def remote(self) -> Endpoint:
        """The other end."""
        return Endpoint(self.transport, self.remote_address, self.remote_port)


class UnixListener(NamedTuple):
    """A unix socket without a peer: in LISTEN, or waiting for datagrams, or not in use yet.

    `path` begins with `@` for the abstract namespace (NUL bytes within it are shown as `@` too)
    and is None for an unnamed socket, which nobody can reach; `kind` is `stream`, `dgram` or
    `seqpacket`. As for a bound UDP socket, `listening` is False for what is not in LISTEN, `queue`
    is then in bytes and `backlog` None.
    """

    path: str | None
    kind: str
    inode: int
    netns: int
    listening: bool = True
    queue: int = 0
    backlog: int | None = None
    uid: int | None = None
    user: str | None = None
    certainty: Certainty = Certainty.HIDDEN
    owners: tuple[Process, ...] = ()
