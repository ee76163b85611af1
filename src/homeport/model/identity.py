"""What a listener speaks, as far as it was found out, and what that rests on."""

from __future__ import annotations

from enum import StrEnum

from homeport.model.record import NamedTuple


class Sureness(StrEnum):
    """How sure a conclusion is.

    SURE: the bytes of the other side prove it. LIKELY: something else points at it, such as the
    program that runs, and nothing contradicts.
    """

    SURE = "sure"
    LIKELY = "likely"


class Certificate(NamedTuple):
    """What a TLS server's certificate says of itself; nobody has verified it.

    Names are those of the subjectAltName (RFC 5280, 4.2.1.6), DNS names and IP addresses; times are
    in nanoseconds since the epoch.
    """

    subject: str
    issuer: str
    names: tuple[str, ...]
    not_before_ns: int
    not_after_ns: int
    self_signed: bool


class Tls(NamedTuple):
    """A TLS session: its version (`TLSv1.3`), what ALPN chose, and the server's certificate.

    `client_certificate` says that the server asked for one of the client's.
    """

    version: str
    alpn: str | None = None
    certificate: Certificate | None = None
    client_certificate: bool = False


class Identity(NamedTuple):
    """The protocol of a listener, the product that speaks it, and its version.

    `protocol` is a lower-case name (`http`, `postgresql`); over TLS it is that within, and `tls`
    the session. `evidence` are sentences: what was sent, what came back.
    """

    protocol: str
    certainty: Sureness
    evidence: tuple[str, ...]
    product: str | None = None
    version: str | None = None
    tls: Tls | None = None
