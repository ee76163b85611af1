"""TLS on the client's side: the name in the hello (SNI, RFC 6066) chooses the certificate."""

from __future__ import annotations

import ssl
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from homeport.host.relaying.ends import End
from homeport.model.errors import HomeportError

if TYPE_CHECKING:
    from collections.abc import Callable

    from homeport.host.relaying.loop import Loop
    from homeport.host.relaying.verdicts import Policy

WITHOUT_NAME = "localhost"
"""Whom a client means that gives no name."""


class Session(ssl.SSLSocket):
    """A session that knows for whom the client came."""

    name = WITHOUT_NAME


def listening_context(policy: Policy) -> ssl.SSLContext:
    """A context without a certificate of its own, which asks the policy for one by name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.sslsocket_class = Session

    def choose(session: ssl.SSLSocket | ssl.SSLObject, name: str | None, _: object) -> int | None:
        wanted = (name or WITHOUT_NAME).lower().removesuffix(".")
        try:
            chosen = policy.context(wanted)
        except HomeportError as error:
            # Raised from here it would only be printed; the log has it, the client a bare alert.
            sys.stderr.write(f"no certificate for {wanted}: {error}\n")
            return ssl.ALERT_DESCRIPTION_INTERNAL_ERROR
        if chosen is None:
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        session.context = chosen
        if isinstance(session, Session):
            session.name = wanted
        return None

    context.sni_callback = choose
    return context


class SecureEnd(End):
    """A socket within whose TLS session is spoken."""

    __slots__ = ()

    plain = False

    def __init__(self, loop: Loop, session: ssl.SSLSocket, mask: int) -> None:
        super().__init__(loop, session, mask)
        self.receive_into: Callable[[bytearray], int] = self._receive_into
        self.send: Callable[[bytes | memoryview], int] = self._send

    def _receive_into(self, buffer: bytearray) -> int:
        session: ssl.SSLSocket = self.socket  # type: ignore[assignment]
        try:
            return session.recv_into(buffer)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise BlockingIOError from None
        except ssl.SSLError as error:
            raise ConnectionResetError from error

    def _send(self, data: bytes | memoryview) -> int:
        session: ssl.SSLSocket = self.socket  # type: ignore[assignment]
        try:
            return session.send(data)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise BlockingIOError from None
        except ssl.SSLError as error:
            raise ConnectionResetError from error

    def finish(self) -> None:
        """Ends the session towards the other side (close_notify), and the connection."""
        session: ssl.SSLSocket = self.socket  # type: ignore[assignment]
        # It would go on to wait for the other side's close_notify.
        with suppress(OSError, ValueError):
            session._sslobj.shutdown()  # type: ignore[attr-defined]  # noqa: SLF001
        super().finish()
