"""A made-up case: a server on 127.0.0.1:8000, a client, and what became of its connect(2)."""

from __future__ import annotations

import errno
from typing import Any

from homeport.host.client import Client
from homeport.host.resolver import Resolution
from homeport.model.endpoint import Endpoint, Transport
from homeport.model.explanation import OwnAddress
from homeport.model.process import Process
from homeport.model.snapshot import Namespace, Snapshot
from homeport.model.sockets import Listener
from homeport.see.diagnose.case import Attempt, Case, Machine, Outcome, Talk
from homeport.see.diagnose.confines import Confines
from homeport.wire.exchange import Ended, Heard
from homeport.wire.service_url import parse_service

OWN = 4_026_531_840
NOW_MS = 1_700_000_100_000
SERVER = Process(pid=812, start_ticks=5, started_ns=1, name="python3", argv=("python3", "app.py"))
LISTENER = Listener(
    Endpoint(Transport.TCP, "127.0.0.1", 8000), 77, OWN, 1000, backlog=5, owners=(SERVER,)
)
MACHINE = Machine(
    addresses=(
        OwnAddress("127.0.0.1", "lo"),
        OwnAddress("::1", "lo"),
        OwnAddress("192.168.1.5", "eth0"),
    ),
    loopback_up=True,
)
HEALTHY = Talk(Heard(b"HTTP/1.1 200 OK\r\n\r\n", Ended.CLOSED), healthy=True)

_CODES = {
    Outcome.CONNECTED: None,
    Outcome.REFUSED: errno.ECONNREFUSED,
    Outcome.TIMED_OUT: errno.ETIMEDOUT,
    Outcome.UNREACHABLE: errno.EHOSTUNREACH,
}


def made_up(
    outcome: Outcome = Outcome.TIMED_OUT,
    *,
    code: int | None = None,
    target: str = "http://127.0.0.1:8000/",
    address: str = "127.0.0.1",
    listeners: tuple[Listener, ...] = (LISTENER,),
    confines: Confines | None = None,
    **more: Any,
) -> Case:
    """A case in which the attempt to connect came out so."""
    service = parse_service(target)
    code = _CODES.get(outcome, code) if code is None else code
    snapshot = Snapshot(NOW_MS * 1_000_000, listeners, namespaces=(Namespace(OWN, own=True),))
    given: dict[str, Any] = {
        "resolution": Resolution(service.host, (address,)),
        "machine": MACHINE,
        "after": snapshot,
        "confines": confines or Confines(),
    }
    return Case(
        service=service,
        client=Client(4711, 1000, {}, looker=4711),
        snapshot=snapshot,
        attempts=(Attempt(address, outcome, code),),
        **(given | more),
    )
