"""What a conversation is carried over: bytes as they are, or within a TLS session. Asynchronous."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from homeport.model.identity import Tls
from homeport.wire.certificates import certificate_of

if TYPE_CHECKING:
    import socket

    from homeport.wire.exchange import Turn

PIECE = 1 << 16


def reason(error: ssl.SSLError) -> str:
    """Why a TLS session failed, in OpenSSL's words."""
    # One that was not made by OpenSSL has no reason.
    return getattr(error, "reason", None) or error.strerror or str(error)


class Plain:
    """Bytes as they are."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected

    async def send(self, data: bytes) -> None:
        """Sends everything."""
        await asyncio.get_running_loop().sock_sendall(self._socket, data)

    def send_now(self, data: bytes) -> None:
        """Sends what the kernel takes at once, and no more."""
        self._socket.send(data)

    async def receive(self) -> bytes:
        """The next piece; empty at the end."""
        return await asyncio.get_running_loop().sock_recv(self._socket, PIECE)


class Session:
    """A TLS session as a turn wants it. Without its `verify` everybody is trusted."""

    def __init__(self, connected: socket.socket, turn: Turn) -> None:
        self._plain = Plain(connected)
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        context = _trusting() if turn.verify is None else _strict(turn)
        if turn.alpn:
            context.set_alpn_protocols(list(turn.alpn))
        # Some servers choose their certificate by the name, and refuse whoever gives none.
        name = turn.verify or "localhost"
        self._tls = context.wrap_bio(self._in, self._out, server_hostname=name)

    async def open(self) -> Self:
        """The handshake; raises `ssl.SSLError`."""
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                await self._exchange()
            else:
                await self._flush()
                return self

    async def send(self, data: bytes) -> None:
        """Sends everything."""
        self._tls.write(data)
        await self._flush()

    async def receive(self) -> bytes:
        """The next piece; empty at the end."""
        while True:
            try:
                return self._tls.read(PIECE)
            except ssl.SSLWantReadError:
                await self._exchange()
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return b""

    def close(self) -> None:
        """Says that nothing more will come, where the other side still listens."""
        with suppress(ssl.SSLError, OSError):
            self._tls.unwrap()
        with suppress(OSError):
            if self._out.pending:
                self._plain.send_now(self._out.read())

    def facts(self) -> Tls:
        """What the handshake has settled."""
        der = self._tls.getpeercert(binary_form=True)
        return Tls(
            version=self._tls.version() or "TLS",
            alpn=self._tls.selected_alpn_protocol(),
            certificate=None if der is None else certificate_of(der),
        )

    async def _exchange(self) -> None:
        await self._flush()
        data = await self._plain.receive()
        if data:
            self._in.write(data)
        else:
            self._in.write_eof()

    async def _flush(self) -> None:
        if self._out.pending:
            await self._plain.send(self._out.read())


def _strict(turn: Turn) -> ssl.SSLContext:
    """What a client of today asks for: a certificate of an authority that it trusts.

    Raises `ssl.SSLError` where the file of authorities cannot be read.
    """
    try:
        context = ssl.create_default_context(cafile=turn.authorities)
    except OSError as error:
        why = f"the authorities in {turn.authorities} cannot be read: {error}"
        raise ssl.SSLError(ssl.SSL_ERROR_SSL, why) from error
    context.check_hostname = not turn.any_name
    return context


def _trusting() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    # An old server is to be found, too; nothing of value goes through.
    with suppress(ValueError):
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context
