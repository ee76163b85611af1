"""Output that an event loop never waits for: a terminal at Ctrl-S, a pager, a slow connection."""

from __future__ import annotations

import asyncio
import io
import os
import select
import socket
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed import ReadableBuffer

_PIECE = 1 << 16


class Outlet(io.RawIOBase):
    """Keeps what the other side does not take, and sends it on from the event loop.

    Where no loop runs it waits, as any file does. `descriptor` does not block, at least not in
    `write`, and is closed with this. `sent` is called each time that something was kept and nothing
    is left. What goes wrong in the loop is raised by the next `write`.
    """

    def __init__(
        self,
        descriptor: int,
        sent: Callable[[], None] = lambda: None,
        *,
        write: Callable[[int, bytes], int] = os.write,
    ) -> None:
        super().__init__()
        self.name = descriptor  # as a file's; io.TextIOWrapper shows it
        self.on_sent = sent
        self._descriptor = descriptor
        self._write_now = write
        self._unsent = bytearray()
        self._error: OSError | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def unsent(self) -> int:
        """How many bytes the other side has not taken yet."""
        return len(self._unsent)

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: ReadableBuffer) -> int:
        """Takes all of it; raises `OSError` where nobody will read any more."""
        if self.closed:
            raise ValueError("write to a closed outlet")
        if self._error is not None:
            raise self._error
        size = memoryview(data).nbytes
        self._unsent += data
        if self._loop is None:
            self._send()
        return size

    def _send(self) -> None:
        while self._unsent:
            try:
                piece = bytes(self._unsent[:_PIECE])
                del self._unsent[: self._write_now(self._descriptor, piece)]
            except BlockingIOError:
                self._loop = _running_loop()
                if self._loop is not None:
                    self._loop.add_writer(self._descriptor, self._send_on)
                    return
                select.select((), (self._descriptor,), ())

    def _send_on(self) -> None:
        self._forget_loop()
        try:
            self._send()
            if not self._unsent:
                self.on_sent()
        except OSError as error:
            self._error = error
            self._unsent.clear()

    def _forget_loop(self) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.remove_writer(self._descriptor)
        self._loop = None

    def drain(self) -> None:
        """Waits until all is sent, after the loop; raises `OSError`."""
        self._forget_loop()
        if self._unsent:
            self.write(b"")
            self.on_sent()
        elif self._error is not None:
            raise self._error

    def close(self) -> None:
        """Lets go; what is still unsent is lost."""
        if not self.closed:
            self._forget_loop()
            os.close(self._descriptor)
        super().close()


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def outlet(descriptor: int) -> Outlet | None:
    """Another way to where a descriptor leads, which does not block; the descriptor stays as it is.

    Other programs write to the same terminal, pipe or socket, and would be surprised by EAGAIN. So
    it is not set to O_NONBLOCK: a socket is asked not to wait with each send(2), the others are
    opened once more, by /proc/self/fd (proc_pid_fd(5)). None for all else, and for the terminal of
    somebody else (after su(1)). Linux.
    """
    try:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISSOCK(mode):
            return Outlet(os.dup(descriptor), write=_send_now)
        if not (stat.S_ISFIFO(mode) or os.isatty(descriptor)):
            return None
        flags = os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY
        return Outlet(os.open(f"/proc/self/fd/{descriptor}", flags))
    except OSError:
        return None


def _send_now(descriptor: int, data: bytes) -> int:
    end = socket.socket(fileno=descriptor)
    try:
        return end.send(data, socket.MSG_DONTWAIT)
    finally:
        end.detach()
