"""Everything that was observed about one service, from the client's side and from the kernel's.

A rule is a function of a `Case` and asks nothing else. What could not be looked at is None.
"""

from __future__ import annotations

import errno
from enum import StrEnum
from typing import TYPE_CHECKING

from homeport.model.address import Scope, is_ipv6, scope_of, unmapped
from homeport.model.endpoint import Transport, reaches
from homeport.model.home import Home
from homeport.model.record import NamedTuple
from homeport.see.diagnose.confines import Confines
from homeport.wire.exchange import Ended

if TYPE_CHECKING:
    from collections.abc import Sequence

    from homeport.host.client import Client
    from homeport.host.kernel_log import Died
    from homeport.host.pulse import ProcessPulse
    from homeport.host.resolver import Resolution
    from homeport.host.threads import ThreadWait
    from homeport.model.event import Tenancy
    from homeport.model.explanation import BindAnswer, OwnAddress
    from homeport.model.identity import Identity
    from homeport.model.port import PortPolicy
    from homeport.model.process import Process
    from homeport.model.snapshot import Snapshot
    from homeport.model.sockets import Connection, Listener, UnixListener
    from homeport.wire.exchange import Heard
    from homeport.wire.http1 import Response
    from homeport.wire.net_counters import Counters
    from homeport.wire.nftables import FirewallRule
    from homeport.wire.routes import DeadEnd
    from homeport.wire.service_url import Service
    from homeport.wire.tls_handshake import Flight


NO_HOME = Home()


class Outcome(StrEnum):
    """What became of an attempt to connect."""

    CONNECTED = "connected"
    REFUSED = "refused"
    TIMED_OUT = "timed out"
    UNREACHABLE = "unreachable"
    NO_ADDRESS = "no address"
    FAILED = "failed"


class Attempt(NamedTuple):
    """One connect(2): to which address, what became of it, the error's number, and how long."""

    address: str
    outcome: Outcome
    errno: int | None = None
    elapsed_ms: int = 0

    @property
    def told(self) -> str:
        """The attempt in words, with the error's name where there is one."""
        name = "" if self.errno is None else f" ({errno.errorcode.get(self.errno, self.errno)})"
        return f"connecting to {self.address}: {self.outcome}{name} after {self.elapsed_ms} ms"


class Machine(NamedTuple):
    """The client's network namespace: its loopback interface, addresses and port ranges.

    `down` are the interfaces that are not up; `routes` those that end nowhere (`blackhole`,
    `unreachable`, `prohibit`), as `ip route` writes them, None where they were not looked at.
    `abort_on_overflow` is the sysctl tcp_abort_on_overflow.
    """

    addresses: tuple[OwnAddress, ...] = ()
    loopback_up: bool | None = None
    ipv6: bool | None = None
    policy: PortPolicy | None = None
    down: tuple[str, ...] = ()
    routes: tuple[DeadEnd, ...] | None = None
    abort_on_overflow: bool | None = None


class Firewall(NamedTuple):
    """The rules with their counters as they were before and after the attempts, by place.

    `why_hidden` says why they could not be read.
    """

    before: tuple[FirewallRule, ...] = ()
    after: tuple[FirewallRule, ...] = ()
    why_hidden: str | None = None

    @property
    def moved(self) -> tuple[FirewallRule, ...]:
        """The rules whose counters have grown meanwhile."""
        then = {(each.place, each.handle): each.packets or 0 for each in self.before}
        return tuple(
            each
            for each in self.after
            if each.handle is not None
            and (each.packets or 0) > then.get((each.place, each.handle), each.packets or 0)
        )


class Again(NamedTuple):
    """The same question once more, with another path, host or means, and its answer.

    `url` is what was asked for, `host` the Host header. `response` is None where none came.
    """

    url: str
    host: str
    response: Response | None


class Authority(NamedTuple):
    """A certificate found on this machine that has issued another one (DER): where it lies.

    `trusted` says that the client's own trust store has it; `root` that it issued itself. A
    `namesake` bears the issuer's name only: its key is another one. `ours` is Homeport's own.
    """

    path: str
    name: str
    trusted: bool
    root: bool
    namesake: bool = False
    ours: bool = False


class Upstream(NamedTuple):
    """Where a reverse proxy sends what it gets, as its configuration says.

    `place` is `host:port` or the path of a unix socket, `where` the file and what it says there.
    `listens`: whether somebody listens there, None where that cannot be known. `upgrades` says
    whether the configuration passes a WebSocket's handshake on, `answer` what came when asked.
    """

    place: str
    where: str
    listens: bool | None = None
    held_by: str | None = None
    upgrades: bool | None = None
    answer: Response | None = None
    body_limit: str | None = None


class Talk(NamedTuple):
    """What was said after connecting, and what came back.

    `heard` is the last turn; `healthy` says that the server answered as its client wants.
    `response` is the answer as HTTP; `identity` what the listener speaks, where it was asked;
    `error` is what a server said no with, in its own protocol: its code (SQLSTATE, error number,
    first word) and text. `plain` and `secured` tell whether the same port answers a plain HTTP
    request, or a TLS handshake, where the other was wanted and failed; `flight` is what the server
    says of itself in a handshake of TLS 1.2. `redirects` are the answers on the way to `response`,
    `again` are further questions after an answer that was no good; `cut_off` says that the time was
    up before the port was asked what it says without TLS.
    """

    heard: Heard
    healthy: bool = False
    response: Response | None = None
    identity: Identity | None = None
    error: tuple[str, str] | None = None
    plain: Response | None = None
    secured: Heard | None = None
    facts: tuple[tuple[str, str], ...] = ()
    flight: Flight | None = None
    redirects: tuple[Again, ...] = ()
    again: tuple[Again, ...] = ()
    cut_off: bool = False

    def fact(self, name: str) -> str | None:
        """Something that only one protocol's conversation finds out."""
        return dict(self.facts).get(name)


class Sighting(NamedTuple):
    """Whether somebody listened on the port, `at_ms` after the first look, and by which socket."""

    at_ms: int
    inode: int | None


class Case(NamedTuple):
    """All of it.

    `snapshot` is from before the attempts, `after` from their end (None where nothing was tried).
    `before_pulses` and `pulses` are the owners of the listener that should answer, looked at twice;
    `counters` are how much those of the kernel grew in between. `naming` are processes whose
    command line names the port and that do not listen on it; `sightings` are repeated looks where
    it was refused, or its owner had just started. `history` is None where it was never recorded.
    `binding` is filled where somebody wants to listen there, and nothing is connected to then.
    `compose_service` is the compose file here that has a service of the host's name. `authorities`
    are issuers of the server's certificate that lie about here, `upstreams` where the listener's
    owner, a reverse proxy, passes the request on to. `waits` are the sleeping threads of the owners
    and of whoever has our connection. `deaths` are those that the kernel's log tells of, None where
    it is closed to this user. `later` are the connections to the port some time after `snapshot`,
    where one of the client's seemed stuck. `confines` is what no list of a firewall shows. `home`
    is what Homeport has here; `as_browser` why the C library finds no address for a name at its
    gateway, where it was gone on with the one that a browser takes.
    """

    service: Service
    client: Client
    resolution: Resolution
    machine: Machine
    snapshot: Snapshot
    attempts: tuple[Attempt, ...] = ()
    talk: Talk | None = None
    after: Snapshot | None = None
    before_pulses: tuple[ProcessPulse, ...] = ()
    pulses: tuple[ProcessPulse, ...] = ()
    counters: Counters | None = None
    firewall: Firewall = Firewall()
    naming: tuple[Process, ...] = ()
    sightings: tuple[Sighting, ...] = ()
    bound: tuple[Connection, ...] = ()
    history: tuple[Tenancy, ...] | None = None
    compose_service: str | None = None
    binding: tuple[BindAnswer, ...] = ()
    authorities: tuple[Authority, ...] = ()
    upstreams: tuple[Upstream, ...] = ()
    waits: tuple[ThreadWait, ...] = ()
    deaths: tuple[Died, ...] | None = None
    later: tuple[Connection, ...] | None = None
    confines: Confines = Confines()
    home: Home = NO_HOME
    as_browser: str | None = None
    limits: tuple[str, ...] = ()

    @property
    def wanted(self) -> BindAnswer | None:
        """What bind(2) would say at the address that somebody wants to listen on."""
        return next(iter(self.binding), None)

    @property
    def port(self) -> int:
        """The port that is asked for."""
        return self.service.port

    @property
    def addresses(self) -> tuple[str, ...]:
        """What the name stands for, in the order in which clients try."""
        return self.resolution.addresses

    @property
    def connected(self) -> Attempt | None:
        """The attempt that came through."""
        return next((each for each in self.attempts if each.outcome is Outcome.CONNECTED), None)

    @property
    def own_netns(self) -> frozenset[int]:
        """The client's network namespace."""
        return frozenset(each.inode for each in self.snapshot.namespaces if each.own)

    @property
    def here(self) -> tuple[Listener, ...]:
        """The TCP listeners of the port in the client's network namespace, on whatever address."""
        return self._listeners(self.snapshot)

    @property
    def elsewhere(self) -> tuple[Listener, ...]:
        """Those in other network namespaces."""
        own = self.own_netns
        return tuple(
            each
            for each in self.snapshot.listeners
            if each.endpoint.port == self.port and is_tcp(each) and own and each.netns not in own
        )

    def _listeners(self, snapshot: Snapshot) -> tuple[Listener, ...]:
        own = self.own_netns
        return tuple(
            each
            for each in snapshot.listeners
            if each.endpoint.port == self.port and is_tcp(each) and (not own or each.netns in own)
        )

    def serving(self, address: str) -> tuple[Listener, ...]:
        """The listeners that get what is sent to an address: the most particular ones."""
        plain = address.partition("%")[0]
        found = [
            each
            for each in self.here
            if reaches(each.endpoint.address, plain, v6only=bool(each.v6only))
        ]
        exact = [each for each in found if unmapped(each.endpoint.address) == plain]
        return tuple(exact or found)

    @property
    def served_by(self) -> tuple[Listener, ...]:
        """All listeners that may get the connection: for the address reached, else for the first.

        More than one share the port by SO_REUSEPORT.
        """
        wanted = [self.connected.address] if self.connected else self.addresses
        return next((found for each in wanted if (found := self.serving(each))), ())

    @property
    def listener(self) -> Listener | None:
        """The one that should answer: for the address that was reached, else for the first."""
        return next(iter(self.served_by), None)

    @property
    def now(self) -> Listener | None:
        """The same listener as it was at the end."""
        before = self.listener
        if before is None or self.after is None:
            return None
        return next((each for each in self.after.listeners if each.inode == before.inode), None)

    @property
    def connections(self) -> tuple[Connection, ...]:
        """The connections in the client's network namespace, as late as they were looked at."""
        own = self.own_netns
        found = (self.after or self.snapshot).connections
        return tuple(each for each in found if not own or each.netns in own)

    @property
    def ours(self) -> Connection | None:
        """The server's end of our connection, as it was before we hung up.

        Its inode is 0 while nobody has accepted it. It is found by our end where that is known,
        else by the port from which we have spoken.
        """
        if self.after is None or self.connected is None:
            return None
        port = None if self.talk is None else self.talk.heard.local_port
        found = self.connections
        to_it = [each for each in found if each.local_port == self.port]
        peers: set[int | None] = {
            each.local_port
            for each in found
            if each.remote_port == self.port
            and any(owner.pid == self.client.looker for owner in each.owners)
        } or {port}
        return next((each for each in to_it if each.remote_port in peers), None)

    @property
    def of_client(self) -> tuple[Connection, ...]:
        """The connections that the client whose eyes these are has to the service."""
        if self.client.own:
            return ()
        return tuple(
            each
            for each in self.snapshot.connections
            if each.remote_port == self.port
            and any(owner.pid == self.client.pid for owner in each.owners)
        )

    @property
    def silent(self) -> bool:
        """Whether a connection came about, and not a byte came over it."""
        heard = None if self.talk is None else self.talk.heard
        return heard is not None and heard.ended is Ended.SILENT and not heard.data

    @property
    def ended_without_a_byte(self) -> bool:
        """Whether the other side closed, or reset, before it said anything."""
        heard = None if self.talk is None else self.talk.heard
        return heard is not None and heard.ended in (Ended.CLOSED, Ended.RESET) and not heard.data

    def outcomes(self, outcome: Outcome) -> tuple[Attempt, ...]:
        """The attempts that came out so."""
        return tuple(each for each in self.attempts if each.outcome is outcome)

    @property
    def unix(self) -> Sequence[UnixListener]:
        """The unix sockets that listen."""
        return [each for each in self.snapshot.unix_listeners if each.listening]

    @property
    def is_loopback(self) -> bool:
        """Whether every address that the name stands for is one of loopback."""
        found = [address.partition("%")[0] for address in self.addresses]
        return bool(found) and all(scope_of(each) is Scope.LOOPBACK for each in found)


def is_tcp(listener: Listener) -> bool:
    """Whether the listener takes TCP connections."""
    return listener.endpoint.transport in (Transport.TCP, Transport.MPTCP)


def family(address: str) -> str:
    """The family of an address, by name."""
    return "IPv6" if is_ipv6(address) else "IPv4"
