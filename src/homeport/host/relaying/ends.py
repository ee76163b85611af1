"""One end of a relay: a socket, and what the loop is asked to tell of it."""

from __future__ import annotations

import socket
import struct
from contextlib import suppress
from typing import TYPE_CHECKING

from homeport.host.relaying.loop import IN, OUT

if TYPE_CHECKING:
    from collections.abc import Callable

    from homeport.host.relaying.loop import Loop
    from homeport.host.relaying.pump import Pump

_RESET = struct.pack("ii", 1, 0)


class End:
    """A plain socket; `reader` takes from it and `writer` gives to it.

    `receive_into` and `send` raise `BlockingIOError` where they would have to wait. Until `join`
    the socket has the handler that it had.
    """

    __slots__ = ("fd", "loop", "mask", "reader", "receive_into", "send", "socket", "writer")

    plain = True

    def __init__(self, loop: Loop, connected: socket.socket, mask: int) -> None:
        self.loop: Loop = loop
        self.socket: socket.socket = connected
        self.fd: int = connected.fileno()
        self.mask: int = mask
        self.receive_into: Callable[[bytearray], int] = connected.recv_into
        self.send: Callable[[bytes | memoryview], int] = connected.send
        self.reader: Pump
        self.writer: Pump

    def join(self, reader: Pump, writer: Pump) -> None:
        """Belongs to these two from now on."""
        self.reader, self.writer = reader, writer
        if self.mask == IN:
            self.loop.hand_over(self.fd, reader.readable)

    def update(self) -> None:
        """Asks the loop for what the pumps want now."""
        mask = (IN if self.reader.wants else 0) | (OUT if self.writer.blocked else 0)
        if mask == self.mask:
            return
        handler = self.reader.readable if mask == IN else self._ready
        if not mask:
            # Not only without events: a hang-up would be told again and again.
            self.loop.remove(self.fd)
        elif self.mask:
            self.loop.change(self.fd, handler, mask)
        else:
            self.loop.add(self.fd, handler, mask)
        self.mask = mask

    def _ready(self, mask: int) -> None:
        if mask & ~IN and self.writer.blocked:
            self.writer.drain()
        if mask & ~OUT and self.reader.wants and not self.reader.relay.closed:
            self.reader.readable(mask)

    def finish(self) -> None:
        """Tells the other side that nothing more will come."""
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)

    def close(self, *, reset: bool = False) -> None:
        """Gives the socket back; with `reset` the other side learns that this was no proper end."""
        if reset:
            with suppress(OSError):
                self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.loop.close(self.socket)
