"""A last answer: sent, the rest of the request read and thrown away, and closed, within limits.

Closing at once would reset the connection while the client still sends, and it would never see
the answer (RFC 9112, 9.6).
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from homeport.host.relaying.loop import IN, OUT

if TYPE_CHECKING:
    from collections.abc import Callable

    from homeport.host.relaying.ends import End

LIMIT_MS = 2000
MOST_BYTES = 1 << 22
_BUFFER = bytearray(1 << 16)


class Farewell:
    """Takes over an end whose socket is watched with the end's `mask` (0: not at all)."""

    def __init__(self, end: End, data: bytes, closed: Callable[[], None]) -> None:
        self._end = end
        self._data: memoryview = memoryview(data)
        self._closed = closed
        self._left_bytes = MOST_BYTES
        if end.mask:
            end.loop.change(end.fd, self._ready, OUT)
        else:
            end.loop.add(end.fd, self._ready, OUT)
        self._timer = end.loop.after(LIMIT_MS, self._close)
        self._write()

    def _ready(self, mask: int) -> None:
        if self._data:
            self._write()
        elif mask:
            self._read()

    def _write(self) -> None:
        try:
            while self._data:
                self._data = self._data[self._end.send(self._data) :]
        except BlockingIOError:
            return
        except OSError:
            self._close()
            return
        self._end.finish()
        self._end.loop.change(self._end.fd, self._ready, IN)

    def _read(self) -> None:
        try:
            # What comes after the end of a TLS session is not even decrypted.
            size = socket.socket.recv_into(self._end.socket, _BUFFER)
        except BlockingIOError:
            return
        except OSError:
            size = 0
        self._left_bytes -= size
        if not size or self._left_bytes < 0:
            self._close()

    def _close(self) -> None:
        self._timer.cancel()
        self._end.close()
        self._closed()
