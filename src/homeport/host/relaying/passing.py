"""Handing a session of TLS on as it is, and speaking to the process that takes it.

The hello is only looked at: when it is not handed on after all, nothing is lost.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

from homeport.host.files import names_in
from homeport.host.relaying.loop import IN, OUT
from homeport.wire.client_hello import LONGEST_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable

    from homeport.host.relaying.loop import Loop

ANSWER_MS = 10_000
_PIECE_BYTES = 1 << 14


def peeked(connected: socket.socket) -> bytes:
    """What a client has sent, without taking it."""
    try:
        return connected.recv(LONGEST_BYTES, socket.MSG_PEEK)
    except OSError:
        return b""


def connect_local(path: str) -> socket.socket | None:
    """A connection to a unix socket; None where nobody takes one at once."""
    try:
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    except OSError:
        return None
    with suppress(OSError):
        made.connect(path)
        return made
    made.close()
    return None


class Directory:
    """A directory whose sockets (`*.sock`) can be named, however long its path is (unix(7))."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._descriptor = os.open(path, os.O_DIRECTORY | os.O_RDONLY | os.O_CLOEXEC)

    def socket_path(self, name: str) -> str:
        """Where a socket of it is connected to, by this process."""
        return f"/proc/self/fd/{self._descriptor}/{name}"

    def clear(self) -> None:
        """Removes the sockets that were left by a process that was killed."""
        for name in names_in(self.path):
            if name.endswith(".sock"):
                with suppress(OSError):
                    os.unlink(name, dir_fd=self._descriptor)

    def close(self) -> None:
        """Gives the descriptor back."""
        os.close(self._descriptor)


class Asking:
    """Sends a request over a unix socket and calls `done` once, with all that was answered.

    None where nobody is there, or nothing comes in time.
    """

    def __init__(
        self, loop: Loop, path: str, request: bytes, done: Callable[[bytes | None], None]
    ) -> None:
        self._loop = loop
        self._done = done
        self._unsent = memoryview(request)
        self._answer = b""
        self._timer = loop.after(ANSWER_MS, lambda: self._end(None))
        self._socket = connect_local(path)
        if self._socket is None:
            self._timer.cancel()
            loop.after(0, lambda: self._done(None))
        else:
            loop.add(self._socket.fileno(), self._ready, OUT)

    def cancel(self) -> None:
        """Nobody wants to know any more."""
        self._done = lambda _: None
        self._end(None)

    def _ready(self, _mask: int) -> None:
        try:
            if self._unsent:
                self._send()
            else:
                self._read()
        except BlockingIOError:
            return
        except OSError:
            self._end(None)

    def _send(self) -> None:
        assert self._socket is not None  # noqa: S101  (it is the socket that is ready)
        self._unsent = self._unsent[self._socket.send(self._unsent) :]
        if not self._unsent:
            self._loop.change(self._socket.fileno(), self._ready, IN)

    def _read(self) -> None:
        assert self._socket is not None  # noqa: S101  (it is the socket that is ready)
        piece = self._socket.recv(_PIECE_BYTES)
        self._answer = (self._answer + piece)[:_PIECE_BYTES]
        if not piece:
            self._end(self._answer)

    def _end(self, answer: bytes | None) -> None:
        self._timer.cancel()
        if self._socket is not None:
            self._loop.close(self._socket)
            self._socket = None
            self._done(answer)
