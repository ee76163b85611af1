"""What may become of a connection, and who says so."""

from __future__ import annotations

from typing import Protocol

from homeport.model.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from homeport.wire.http_request import Head, Refused


class Forward(NamedTuple):
    """To a backend. With `check` each request's head goes through it (the framed path).

    `check` gives the bytes to forward for a head, or raises `Refused`. Without,
    everything after the first head is relayed as it comes. `address` is a path where that is a
    unix socket, which TLS sessions alone are forwarded to.
    """

    address: str
    port: int
    check: Callable[[Head], bytes] | None = None


class Answer(NamedTuple):
    """These bytes, and the end of the connection."""

    data: bytes


class Hold(NamedTuple):
    """To be asked again after this time at the latest, or when routes have changed."""

    for_ms: int


Verdict = Forward | Answer | Hold


class Policy(Protocol):
    """Who decides. Nothing here may wait."""

    def request(self, head: Head, secure: str | None, waited_ms: int) -> Verdict:
        """What becomes of a connection whose first request this is.

        `secure` is the name in the TLS hello, None without TLS.
        """
        raise NotImplementedError

    def elsewhere(self, hello: bytes, waited_ms: int) -> Forward | Hold | None:
        """Which process takes a TLS session as it is, at a unix socket; None: nobody.

        `hello` is what of it has come.
        """
        raise NotImplementedError

    def stream(self, name: str, waited_ms: int) -> Verdict | None:
        """What becomes of a TLS connection to that name; None: it speaks HTTP."""
        raise NotImplementedError

    def context(self, name: str) -> ssl.SSLContext | None:
        """With what certificate one answers to that name; None: with none."""
        raise NotImplementedError

    def refusal(self, refused: Refused) -> Answer:
        """What is said to a request that cannot be understood, or must not be."""
        raise NotImplementedError

    def unreachable(self, asked: Head | str, forward: Forward, waited_ms: int) -> Verdict:
        """What becomes of a connection whose backend does not take one.

        `asked` is the head of its request, or the name in the TLS hello where it speaks no HTTP.
        """
        raise NotImplementedError
