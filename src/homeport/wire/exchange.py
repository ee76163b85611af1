"""A conversation with a server, without a socket: what is to be said next, and what was heard.

A conversation is a generator of turns. Whoever has a connection (`host.talking`) carries each one
out and sends back what was heard; a test sends recorded bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from homeport.model.record import NamedTuple

if TYPE_CHECKING:
    from homeport.model.identity import Tls


class Ended(StrEnum):
    """How a turn ended.

    ENOUGH: what came satisfied the turn. SILENT: the time was over first. CLOSED, RESET: the other
    side ended the connection (FIN, RST). REFUSED, UNREACHED: there was never one. UNSECURED: no TLS
    session came about.
    """

    ENOUGH = "enough"
    SILENT = "silent"
    CLOSED = "closed"
    RESET = "reset"
    REFUSED = "refused"
    UNREACHED = "unreached"
    UNSECURED = "unsecured"


class OutOfTime(Exception):
    """Thrown into a conversation when the time is over: it may still return what it knows."""


class Turn(NamedTuple):
    """What to do next: connect where `fresh`, with TLS where `alpn` is not None, say, and listen.

    `enough` is asked after each piece that comes, with all that has come in this turn; anything
    true ends the turn. `wait_ms` bounds the listening. `verify` is the name that the certificate
    has to be for, with `any_name` it has only to be of an authority that is trusted: those of the
    file `authorities`, else the system's. None believes every certificate. `upgrade` puts TLS on
    the connection that there is (STARTTLS and its like), before anything is said.
    """

    say: bytes = b""
    enough: Callable[[bytes], object] = bool
    wait_ms: int = 400
    fresh: bool = True
    alpn: tuple[str, ...] | None = None
    verify: str | None = None
    any_name: bool = False
    authorities: str | None = None
    upgrade: bool = False


class Heard(NamedTuple):
    """What came of a turn: the bytes, how it ended, the TLS session, and what broke (`why`).

    `verify_code` is OpenSSL's for a certificate that was not believed (openssl-verify(1)).
    `elapsed_ms` is how long the turn took, `local_port` that of our end of the connection.
    """

    data: bytes
    ended: Ended
    tls: Tls | None = None
    why: str | None = None
    verify_code: int | None = None
    elapsed_ms: int = 0
    local_port: int | None = None


Result = TypeVar("Result")
Conversation: TypeAlias = Generator[Turn, Heard, Result]


def trusting(conversation: Conversation[Result], authorities: str) -> Conversation[Result]:
    """The same conversation, with these authorities wherever a certificate is verified."""
    turn = next(conversation)
    while True:
        if turn.verify is not None and turn.authorities is None:
            turn = turn._replace(authorities=authorities)
        try:
            try:
                heard = yield turn
            except OutOfTime as late:
                turn = conversation.throw(late)
            else:
                turn = conversation.send(heard)
        except StopIteration as stop:
            result: Result = stop.value
            return result
