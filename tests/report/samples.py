"""Sockets and owners made by hand, for the tests of what is shown of them."""

from __future__ import annotations

from homeport.model.endpoint import Endpoint, Transport
from homeport.model.process import Ancestor, Certainty, Container, Process, Project
from homeport.model.snapshot import Namespace, Snapshot
from homeport.model.sockets import (
    Behind,
    BehindKind,
    Connection,
    Listener,
    TcpState,
    UnixListener,
)
from homeport.report.cells import Context, context_of

NOW_NS = 1_800_000_000_000_000_000
MINUTE_NS = 60_000_000_000
ME = 1000
OWN_NETNS = 4026531840
OTHER_NETNS = 4026532999

SHOP = Project("/home/me/shop", "shop", ".git", "feature/cart")
SHELL = (Ancestor(700, "bash", ("-bash",)), Ancestor(1, "systemd", ("/sbin/init",)))
VITE = Process(
    pid=812,
    start_ticks=5000,
    started_ns=NOW_NS - 3 * MINUTE_NS,
    name="node",
    argv=("node", "/home/me/shop/node_modules/.bin/vite", "--port", "5173"),
    exe="/usr/bin/node",
    cwd="/home/me/shop",
    uid=ME,
    user="me",
    project=SHOP,
    ancestry=SHELL,
)
POSTGRES = Process(
    pid=300,
    start_ticks=100,
    started_ns=NOW_NS - 2 * 1440 * MINUTE_NS,
    name="postgres",
    argv=("/usr/lib/postgresql/15/bin/postgres", "-D", "/var/lib/postgresql/15/main"),
    uid=105,
    user="postgres",
    unit="postgresql@15-main.service",
    ancestry=(SHELL[1],),
)
EVIL_NAME = "ev\x1b[31mil\n\u202e\udcff"
EVIL = VITE._replace(
    pid=666,
    name=EVIL_NAME,
    argv=(EVIL_NAME, EVIL_NAME),
    exe=None,
    project=SHOP._replace(name=EVIL_NAME, branch=EVIL_NAME),
    ancestry=(Ancestor(1, EVIL_NAME, (EVIL_NAME,)),),
)


def listener(
    address: str = "127.0.0.1",
    port: int = 5173,
    *owners: Process,
    transport: Transport = Transport.TCP,
    certainty: Certainty = Certainty.SEEN,
    netns: int = OWN_NETNS,
    v6only: bool | None = None,
    behind: Behind | None = None,
) -> Listener:
    """A listener; the user is that of its first owner."""
    uid = (owners[0].uid or 0) if owners else 0
    return Listener(
        endpoint=Endpoint(transport, address, port),
        inode=port * 10,
        netns=netns,
        uid=uid,
        user=owners[0].user if owners else "root",
        v6only=v6only,
        backlog=None if transport is Transport.UDP else 128,
        certainty=certainty,
        owners=owners,
        behind=behind,
    )


def connection(local_port: int, remote_port: int, *owners: Process) -> Connection:
    """An established connection over loopback."""
    return Connection(
        transport=Transport.TCP,
        state=TcpState.ESTABLISHED,
        local_address="127.0.0.1",
        local_port=local_port,
        remote_address="127.0.0.1",
        remote_port=remote_port,
        inode=local_port,
        netns=OWN_NETNS,
        uid=ME,
        certainty=Certainty.SEEN,
        owners=owners,
    )


WEB_CONTAINER = Container("docker", "0123456789abcdef" * 4)
PROXIED = Behind(
    BehindKind.DOCKER_PROXY,
    "its arguments",
    endpoint=Endpoint(Transport.TCP, "172.17.0.2", 80),
    container=WEB_CONTAINER,
)
PROXY = POSTGRES._replace(pid=400, name="docker-proxy", argv=("docker-proxy",), uid=0, user="root")

EVERYTHING = Snapshot(
    taken_ns=NOW_NS,
    listeners=(
        listener("127.0.0.1", 5173, VITE),
        listener("::1", 5173, VITE),
        listener("127.0.0.1", 5432, POSTGRES),
        listener("0.0.0.0", 8080, PROXY, behind=PROXIED),
        listener("0.0.0.0", 53, certainty=Certainty.HIDDEN, transport=Transport.UDP),
        listener("127.0.0.1", 9000, EVIL, certainty=Certainty.INFERRED),
        listener("127.0.0.1", 80, VITE, netns=OTHER_NETNS, certainty=Certainty.AT_LEAST_ONE),
        listener("::", 2049, certainty=Certainty.UNOWNED, v6only=False),
    ),
    connections=(
        connection(41000, 5432, VITE),
        connection(5432, 41000, POSTGRES),
        connection(41000, 41001)._replace(inode=0, state=TcpState.TIME_WAIT),
    ),
    unix_listeners=(
        UnixListener(
            "/run/postgresql/.s.PGSQL.5432",
            "stream",
            1,
            OWN_NETNS,
            certainty=Certainty.SEEN,
            owners=(POSTGRES,),
        ),
        UnixListener(f"@{EVIL_NAME}", "seqpacket", 2, OWN_NETNS, uid=ME, user="me"),
        UnixListener(None, "stream", 3, OWN_NETNS),
    ),
    namespaces=(
        Namespace(OWN_NETNS, own=True),
        Namespace(OTHER_NETNS, name="lab", pid=812, complete=False),
    ),
    strategy="scan",
    limits=(f"Something was not read: {EVIL_NAME}",),
)
"""One of everything, the malicious included."""

CONTEXT: Context = context_of(EVERYTHING, frozenset({ME}))
