"""Cases made up of all that a `Case` may hold, for tests of what is concluded from them."""

from __future__ import annotations

import errno

from hypothesis import strategies as st

from homeport.host.client import Client
from homeport.host.pulse import ProcessPulse
from homeport.host.resolver import Resolution
from homeport.model.endpoint import Endpoint, Transport
from homeport.model.explanation import BindAnswer, BindVerdict
from homeport.model.home import Held, Home
from homeport.model.identity import Certificate, Identity, Sureness, Tls
from homeport.model.lease import LeaseFacts, LeaseKey
from homeport.model.process import Certainty, Process
from homeport.model.route import ServiceState
from homeport.model.snapshot import Namespace, Snapshot
from homeport.model.sockets import Connection, Listener, TcpState, UnixListener
from homeport.model.status import ProjectStatus, ServiceStatus
from homeport.see.diagnose.case import (
    Again,
    Attempt,
    Case,
    Firewall,
    Machine,
    Outcome,
    Sighting,
    Talk,
)
from homeport.wire.exchange import Ended, Heard
from homeport.wire.http1 import Response
from homeport.wire.net_counters import Counters
from homeport.wire.nftables import FirewallRule, Match
from homeport.wire.service_url import Service, parse_service

OWN, OTHER = 4_026_531_840, 4_026_532_000
TARGETS = (
    "localhost:8000", "127.0.0.1:8000", "[::1]:8000", "shop.localhost:8000", "db:1", "10.0.0.9:1",
    "http://localhost:8000/", "https://localhost:8443/a?b=c", "http://127.0.0.1:8000",
    "ws://localhost:8000/live", "wss://localhost:8443", "postgresql://me:secret@localhost/shop",
    "mysql://localhost/shop", "redis://localhost", "rediss://localhost", "mongodb://localhost",
    "memcached://localhost", "amqp://localhost", "ssh://localhost", "mqtts://localhost",
    "http://wbe.shop.localhost:62893/", "https://web.shop.localhost:62893",
)  # fmt: skip

PROCESS = Process(
    pid=812, start_ticks=5, started_ns=10**18, name="python3", argv=("python3", "app")
)
OLD, YOUNG = (
    PROCESS._replace(started_ns=1),
    PROCESS._replace(pid=813, started_ns=10**18 + 9 * 10**9),
)
HIDDEN = Process(pid=9, start_ticks=1)
TAKEN_NS = 10**18 + 10**10

processes = st.sampled_from([OLD, YOUNG, HIDDEN])
addresses = st.sampled_from(["127.0.0.1", "::1", "0.0.0.0", "::", "10.0.0.9"])
netns = st.sampled_from([OWN, OWN, OTHER])
small = st.integers(0, 9)


@st.composite
def listeners(draw: st.DrawFn, port: int) -> Listener:
    owners = tuple(draw(st.lists(processes, max_size=2)))
    return Listener(
        Endpoint(draw(st.sampled_from(Transport)), draw(addresses), port),
        inode=draw(st.integers(1, 3)),
        netns=draw(netns),
        uid=draw(st.sampled_from([None, 0, 1000])),
        v6only=draw(st.sampled_from([None, True, False])),
        queue=draw(small),
        backlog=draw(st.sampled_from([None, 0, 4, 128])),
        certainty=Certainty.SEEN if owners else draw(st.sampled_from(Certainty)),
        owners=owners,
    )


@st.composite
def connections(draw: st.DrawFn, port: int) -> Connection:
    ends = draw(st.permutations([port, 40_000]))
    return Connection(
        Transport.TCP,
        draw(st.sampled_from(TcpState)),
        draw(addresses),
        ends[0],
        draw(addresses),
        ends[1],
        inode=draw(st.integers(0, 3)),
        netns=draw(netns),
        uid=0,
        receive_queue=draw(small),
        send_queue=draw(small),
        timer_ms=draw(st.sampled_from([None, 900])),
        owners=tuple(draw(st.lists(processes, max_size=1))),
    )


@st.composite
def snapshots(draw: st.DrawFn, port: int) -> Snapshot:
    unix = UnixListener("/run/x.sock", "stream", 8, OWN, owners=(OLD,))
    return Snapshot(
        taken_ns=TAKEN_NS,
        listeners=tuple(draw(st.lists(listeners(port), max_size=3))),
        connections=tuple(draw(st.lists(connections(port), max_size=3))),
        unix_listeners=draw(st.sampled_from([(), (unix,)])),
        namespaces=draw(
            st.sampled_from(
                [(), (Namespace(OWN, own=True),), (Namespace(OWN, own=True), Namespace(OTHER))]
            )
        ),
    )


responses = st.builds(
    Response,
    version=st.sampled_from(["1.0", "1.1"]),
    status=st.sampled_from(
        [
            101,
            200,
            204,
            301,
            302,
            304,
            400,
            401,
            403,
            404,
            405,
            413,
            415,
            421,
            426,
            429,
            500,
            502,
            503,
            504,
            599,
        ]
    ),
    reason=st.sampled_from(["", "OK", "Bad \x1b[31m"]),
    headers=st.dictionaries(
        st.sampled_from(
            ["server", "location", "content-type", "content-length", "retry-after", "upgrade"]
        ),
        st.sampled_from(
            ["nginx", "http://localhost:8000/", "https://localhost/", "text/html", "9", "x"]
        ),
        max_size=3,
    ),
    body=st.sampled_from(
        [b"", b"Invalid host header", b"<h1>ALLOWED_HOSTS</h1>", b"\xff\x00", b"https"]
    ),
    complete=st.booleans(),
    broken=st.sampled_from([None, "illegal chunk header"]),
)
CERTIFICATE = Certificate("localhost", "An authority", ("localhost",), 0, 10**18, self_signed=False)
sessions = st.sampled_from(
    [
        None,
        Tls("TLSv1.3"),
        Tls("TLSv1.2", "h2", CERTIFICATE),
        Tls("TLSv1.3", None, CERTIFICATE, True),
    ]
)
heards = st.builds(
    Heard,
    data=st.sampled_from(
        [b"", b"\x00", b"HTTP/1.1", b"SSH-2.0-x\r\n", b"\x15\x03\x03\x00\x02\x02\x28"]
    ),
    ended=st.sampled_from(Ended),
    tls=sessions,
    why=st.sampled_from([None, "CERTIFICATE_VERIFY_FAILED", "WRONG_VERSION_NUMBER"]),
    verify_code=st.sampled_from([None, None, 9, 10, 18, 19, 20, 21, 62, 64, 99]),
    elapsed_ms=small,
    local_port=st.sampled_from([None, 40_000]),
)
IDENTITY = Identity("http", Sureness.SURE, ("it said so",))
talks = st.builds(
    Talk,
    heard=heards,
    healthy=st.booleans(),
    response=st.none() | responses,
    identity=st.sampled_from([None, IDENTITY]),
    error=st.sampled_from(
        [
            None,
            None,
            ("28P01", "no"),
            ("NOAUTH", "login"),
            ("1045", "denied"),
            ("403", "x"),
            ("", ""),
        ]
    ),
    plain=st.none() | responses,
    secured=st.none() | heards,
    facts=st.sampled_from(
        [(), (("spoken", "redis"),), (("said in the clear", "220 x"),), (("user", "me"),)]
    ),
    redirects=st.lists(
        st.builds(Again, st.just("/a"), st.just("localhost"), st.none() | responses), max_size=2
    ).map(tuple),
    again=st.lists(
        st.builds(Again, st.just("/"), st.just("127.0.0.1:8000"), st.none() | responses), max_size=2
    ).map(tuple),
)
NUMBERS: dict[Outcome, list[int | None]] = {
    Outcome.CONNECTED: [None],
    Outcome.REFUSED: [errno.ECONNREFUSED],
    Outcome.TIMED_OUT: [errno.ETIMEDOUT],
    Outcome.UNREACHABLE: [errno.EHOSTUNREACH, errno.ENETUNREACH],
    Outcome.NO_ADDRESS: [errno.EADDRNOTAVAIL],
    Outcome.FAILED: [errno.EPERM, errno.EMFILE, errno.EACCES, errno.EINVAL],
}


@st.composite
def attempts(draw: st.DrawFn, given: tuple[str, ...]) -> tuple[Attempt, ...]:
    """As `gather` makes them: one after the other, the last one may have come through."""
    made = []
    for address in given:
        outcome = draw(st.sampled_from(Outcome))
        number = draw(st.sampled_from(NUMBERS[outcome]))
        made.append(Attempt(address, outcome, number, draw(small)))
        if outcome is Outcome.CONNECTED:
            break
    return tuple(made)


pulses = st.builds(
    ProcessPulse,
    pid=st.sampled_from([812, 813]),
    state=st.sampled_from("RSDTtZI"),
    cpu_ns=st.integers(0, 10**9),
    at_ns=st.integers(0, 10**9),
    threads=st.integers(1, 3),
    descriptors=st.sampled_from([None, 10, 64]),
    descriptor_limit=st.sampled_from([None, 64]),
    waits_in=st.sampled_from([None, "0", "do_freezer_trap", "pipe_read"]),
    tracer=st.sampled_from([None, 1]),
)
rules = st.builds(
    FirewallRule,
    family=st.just("inet"),
    table=st.just("filter"),
    chain=st.sampled_from(["input", "output"]),
    hook=st.sampled_from(["input", "output", None]),
    handle=st.sampled_from([None, 4, 5]),
    verdict=st.sampled_from(["drop", "reject", "accept", "dnat", "jump", None]),
    packets=st.sampled_from([None, 0, 3]),
    matches=st.sampled_from([(), (Match("tcp dport", "", ("8000",)),)]),
    others=st.booleans(),
    target=st.sampled_from([None, ":9000", "other"]),
)
firewalls = st.builds(
    Firewall,
    before=st.lists(rules, max_size=2).map(tuple),
    after=st.lists(rules, max_size=2).map(tuple),
    why_hidden=st.sampled_from([None, "the firewall may not be read"]),
)


@st.composite
def clients(draw: st.DrawFn) -> Client:
    environment = draw(
        st.sampled_from(
            [
                {},
                {"http_proxy": "http://127.0.0.1:3128"},
                {"NO_PROXY": "*"},
                {"SSL_CERT_FILE": "/x"},
            ]
        )
    )
    own = draw(st.booleans())
    namespace = None if own else draw(st.sampled_from([None, Namespace(OTHER, pid=9)]))
    return Client(9, 1000, environment, namespace, own=own, looker=draw(st.sampled_from([None, 9])))


def resolution(service: Service, found: tuple[str, ...]) -> Resolution:
    if found:
        return Resolution(service.host, found, sources=("files", "dns"))
    return Resolution(service.host, error="Name or service not known", code=-2)


@st.composite
def homes(draw: st.DrawFn, port: int, host: str) -> Home:
    """What Homeport may have there: nothing, a lease by hand, a service's, or its gateway."""
    key = draw(st.sampled_from([None, LeaseKey("/srv/shop", "web")]))
    lease = LeaseFacts(Transport.TCP, port, key, draw(st.sampled_from([None, 7])))
    service = ServiceStatus(
        name="web",
        state=draw(st.sampled_from(ServiceState)),
        changed_ns=1,
        pid=draw(st.sampled_from([None, 7, 812])),
        port=draw(st.sampled_from([None, port])),
        reason=draw(st.sampled_from([None, "ended with status 3"])),
        last_lines=draw(st.sampled_from([(), ("password=hunter2",)])),
        lazy=draw(st.booleans()),
        advice=draw(st.sampled_from([None, "its process is stopped: kill -CONT 7"])),
        hosts=draw(st.sampled_from([(), ("web.shop",), (host.removesuffix(".localhost"),)])),
    )
    gateway_port = draw(st.sampled_from([None, port, 62893]))
    project = ProjectStatus("shop", "/srv/shop", None, "x", 7, (service,), gateway_port)
    of_service = draw(st.booleans())
    held = Held(lease, project, service) if of_service else Held(lease)
    return draw(st.sampled_from([Home(), Home((held,)), Home((held,), (project,), "/srv/shop")]))


@st.composite
def cases(draw: st.DrawFn, text: str | None = None) -> Case:
    """A case as `gather` may make it: it connects only where there is an address."""
    service = parse_service(text or draw(st.sampled_from(TARGETS)))
    found = tuple(draw(st.lists(addresses, max_size=2, unique=True)))
    tried = draw(attempts(found))
    through = bool(tried) and tried[-1].outcome is Outcome.CONNECTED
    seen = [OLD, YOUNG]
    return Case(
        service=service,
        client=draw(clients()),
        resolution=resolution(service, found),
        machine=Machine(
            loopback_up=draw(st.sampled_from([None, True, False])),
            ipv6=draw(st.sampled_from([None, True, False])),
            down=draw(st.sampled_from([(), ("eth0",)])),
            abort_on_overflow=draw(st.sampled_from([None, True])),
        ),
        snapshot=draw(snapshots(service.port)),
        attempts=tried,
        talk=draw(st.none() | talks) if through else None,
        after=draw(st.none() | snapshots(service.port)),
        before_pulses=tuple(draw(st.lists(pulses, max_size=2))),
        pulses=tuple(draw(st.lists(pulses, max_size=2))),
        counters=draw(st.none() | st.builds(Counters, small, small, small, small, small)),
        firewall=draw(firewalls),
        naming=tuple(draw(st.lists(st.sampled_from(seen), max_size=2))),
        sightings=tuple(
            draw(st.lists(st.builds(Sighting, small, st.sampled_from([None, 1, 2])), max_size=3))
        ),
        bound=tuple(draw(st.lists(connections(service.port), max_size=1))),
        history=draw(st.sampled_from([None, ()])),
        compose_service=draw(st.sampled_from([None, "/srv/compose.yaml"])),
        later=draw(st.none() | st.lists(connections(service.port), max_size=2).map(tuple)),
        home=draw(homes(service.port, service.host)),
        as_browser=draw(st.sampled_from([None, None, "Name or service not known"])),
    )


@st.composite
def binding_cases(draw: st.DrawFn) -> Case:
    """A case of somebody who wants to listen."""
    service = parse_service(draw(st.sampled_from(TARGETS)))
    found = tuple(draw(st.lists(addresses, max_size=1)))
    verdicts = [draw(st.sampled_from(BindVerdict)) for _ in range(3)]
    free = all(each is BindVerdict.FREE for each in verdicts)
    why = None if free else "it is taken"
    return Case(
        service=service,
        client=draw(clients()),
        resolution=resolution(service, found),
        machine=Machine(),
        snapshot=draw(snapshots(service.port)),
        bound=tuple(draw(st.lists(connections(service.port), max_size=1))),
        binding=tuple(
            BindAnswer(each, verdicts[0], verdicts[1], verdicts[2], why) for each in found
        ),
        home=draw(homes(service.port, service.host)),
    )
