"""The protocols that a listener may speak: one file each, bytes in, verdict out.

A file defines `PROTOCOL`, a `Protocol`, and is found by being here. Nothing in it opens anything.
What a probe may do to a server is bounded by one rule: no handler of an application runs, no
session is made, nothing is left behind but, where it cannot be avoided, a line in a log.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from homeport.model.endpoint import Transport
from homeport.model.record import NamedTuple

NONSENSE = b"@ ^ ^ HTTP/1.1\r\nHost:localhost\r\nConnection: close\r\n\r\n"
"""What is said to a server of which nothing is known: no method, no command of anybody.

An HTTP server refuses it before it looks for a handler: four words are no request line (RFC 9112,
3), `@` is no method and `^` no target. With three, those that take any method (Python's
http.server, the JDK's) would call the application. No blank follows `Host:` (RFC 9112, 5: it is
optional): as a word of its own it makes Redis log an attack.
"""


class Finding(NamedTuple):
    """What some bytes prove: the protocol, and as far as they tell the product and its version.

    `told` finishes the sentence "it answered ..." or "it greeted with ...", for people.
    """

    protocol: str
    told: str
    product: str | None = None
    version: str | None = None


Reader = Callable[[bytes], "Finding | None"]
"""Reads everything that has come so far; None: not (yet) this protocol."""


class Probe(NamedTuple):
    """Something to say that only a server of this protocol understands.

    `name` is what the evidence calls it. `goodbye` is said after the answer, before closing.
    `completes`: it may bring the version to a finding of its protocol that has none.
    """

    name: str
    hello: bytes
    read: Reader
    goodbye: bytes = b""
    completes: bool = False


Harm = Callable[[Sequence[str], int], "str | None"]
"""Why a process must not be connected to on a port, by its command line; None: nothing against it.

The reason finishes the sentence "not connected to: ...".
"""


class Protocol(NamedTuple):
    """How one protocol is recognised, the gentlest way first.

    `name` is that of `Identity.protocol`. `programs` are names of processes that speak it, as
    `wire.program.short_program` or the kernel write them, lower case, and the products that they
    stand for; `ports` are those usual for it. `harm` tells of processes that even a connection
    would hurt: they are of this protocol for that reason alone. `greeting` reads what a server says
    unasked, and `goodbye` is the answer to that. `nonsense` reads what the server says to
    `NONSENSE`, or to a probe of another protocol. `probes` are said only where program or port
    point at the protocol, or where nothing else was understood and `common` is set: those are
    asked in the order of that number. `alpn` are the names that TLS may choose for it (RFC 7301).
    Over UDP a probe is one datagram.

    Probes are asked in order, and the first that is understood is the finding. Once the protocol is
    proven, whatever proved it, and while the version is missing, the probes that are marked
    `completes` are asked too, in order: each may bring product and version.

    `over` is the protocol that has to be found first: `http` for a product that is asked for its
    version. Then its probes complete that finding, within TLS if that is where it was found, but
    only where a process points at it, or the port does and the holder is hidden. Such a probe finds
    the protocol that it goes over, with a product (`Finding("http", told, "Elasticsearch")`);
    only what is a protocol in its own right is found by its own name.
    """

    name: str
    source: str
    ports: frozenset[int] = frozenset()
    programs: dict[str, str] = {}  # noqa: RUF012  (a default that nobody changes)
    greeting: Reader | None = None
    goodbye: bytes = b""
    nonsense: Reader | None = None
    probes: tuple[Probe, ...] = ()
    common: int | None = None
    alpn: tuple[str, ...] = ()
    over: str | None = None
    harm: Harm | None = None
    transport: Transport = Transport.TCP
