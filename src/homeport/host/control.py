"""Unix sockets over which Homeport's own processes speak: this user's alone, in JSON lines.

A listener lies in a private directory (0700), is itself 0600, and looks at the uid of whoever
connects. Nothing here waits, except where a limit is given: use `fileno()` with any event loop.
"""

from __future__ import annotations

import os
import select
import socket
import struct
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Self

from homeport.host.files import make_private
from homeport.model.errors import BrokenMessage, NotSupported, StateUnusable
from homeport.wire.json_lines import LONGEST_LINE_BYTES, LineDecoder, encode

if TYPE_CHECKING:
    from collections.abc import Iterator

PIECE_BYTES = 1 << 16
PIECES_AT_ONCE = 64
_CREDENTIALS = struct.Struct("3i")


class Channel:
    """One end of a conversation; messages are JSON objects.

    `pid` and `uid` are the other side's as the kernel knows them, when the conversation began.
    `receive` and `flush` never wait.
    """

    def __init__(self, connected: socket.socket, limit_bytes: int = LONGEST_LINE_BYTES) -> None:
        connected.setblocking(False)
        self._socket = connected
        self._decoder = LineDecoder(limit_bytes)
        self._limit_bytes = limit_bytes
        self._unsent = bytearray()
        self.ended: bool = False
        self.pid: int
        self.uid: int
        self.pid, self.uid = _peer(connected)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def fileno(self) -> int:
        """The descriptor: readable when `receive` has something, or the end, to tell."""
        return self._socket.fileno()

    @property
    def wants_write(self) -> bool:
        """Whether `flush` is to be called once the descriptor is writable."""
        return bool(self._unsent) and not self.ended

    def receive(self) -> list[dict[str, object]] | None:
        """The messages that have come, perhaps none; None once the other side is gone.

        A side that does not keep to the form, or floods, is as good as gone.
        """
        if self.ended:
            return None
        messages: list[dict[str, object]] = []
        for _ in range(PIECES_AT_ONCE):
            data = self._piece()
            if data is None:
                break
            try:
                messages += self._decoder.feed(data)
            except BrokenMessage:
                data = b""
            if not data:
                self.ended = True
                return messages or None
        return messages

    def _piece(self) -> bytes | None:
        try:
            return self._socket.recv(PIECE_BYTES)
        except BlockingIOError:
            return None
        except OSError:
            return b""

    def send(self, message: dict[str, object]) -> None:
        """Sends what the kernel takes at once and keeps the rest for `flush`.

        Raises `BrokenMessage` for a message that is too long. A side that does not read what it
        is sent has its conversation ended.
        """
        self._unsent += encode(message, self._limit_bytes)
        self.flush()
        if len(self._unsent) > 4 * self._limit_bytes:
            self.ended = True

    def flush(self) -> None:
        """Goes on sending. Never waits."""
        while self._unsent and not self.ended:
            try:
                sent = self._socket.send(self._unsent)
            except BlockingIOError:
                return
            except OSError:
                self.ended = True
            else:
                del self._unsent[:sent]

    def wait(self, timeout_ms: int) -> bool:
        """Waits for something to receive, sending meanwhile; False when the time is up."""
        poller = select.poll()
        poller.register(self._socket, select.POLLIN | (select.POLLOUT if self._unsent else 0))
        ready = poller.poll(timeout_ms)
        self.flush()
        return any(mask & ~select.POLLOUT for _, mask in ready)

    def drain(self, timeout_ms: int) -> bool:
        """Waits until everything is sent; False when the time is up or nobody is there."""
        poller = select.poll()
        poller.register(self._socket, select.POLLOUT)
        while self.wants_write:
            if not poller.poll(timeout_ms):
                return False
            self.flush()
        return not self.ended

    def close(self) -> None:
        """Gives the descriptor back."""
        self.ended = True
        self._socket.close()


class Listener:
    """Takes conversations at a path. The caller sees to it that only one process listens there.

    What lies at the path, left by a process that was killed, is replaced. Raises `StateUnusable`.
    """

    def __init__(self, path: str, *, most: int = 128) -> None:
        directory = make_private(os.path.dirname(path))
        self.path = path
        self._most = most
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.setblocking(False)
        try:
            # Before bind, so that there is no moment in which others could connect (unix(7)).
            os.fchmod(self._socket.fileno(), 0o600)
            with suppress(FileNotFoundError):
                os.unlink(path)
            with _short(directory) as short:
                self._socket.bind(os.path.join(short, os.path.basename(path)))
            os.chmod(path, 0o600)
            self._identity = _identity(path)
            self._socket.listen(64)
        except OSError as error:
            self._socket.close()
            raise StateUnusable(f"cannot listen at {path}", why=error.strerror) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def fileno(self) -> int:
        """The descriptor: readable when `accept` has somebody."""
        return self._socket.fileno()

    def accept(self, present: int = 0) -> Channel | None:
        """Whoever comes next; None where nobody does, or nobody whom we let in.

        `present` is how many there are already: beyond `most`, and of other users, nobody is let
        in (root is). Never waits.
        """
        try:
            connected, _ = self._socket.accept()
        except OSError:
            return None
        if present >= self._most or _peer(connected)[1] not in (os.geteuid(), 0):
            connected.close()
            return None
        return Channel(connected)

    def close(self) -> None:
        """Gives the descriptor back and removes the socket, unless it is another's by now."""
        self._socket.close()
        if _identity(self.path) == self._identity:
            with suppress(OSError):
                os.unlink(self.path)


def connect(path: str) -> Channel | None:
    """A conversation with whoever listens at the path; None where nobody of ours does."""
    connected = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connected.settimeout(1.0)
    # Nobody there is no error here: it is what the caller wanted to know.
    with suppress(OSError):
        with _short(os.path.dirname(path)) as short:
            connected.connect(os.path.join(short, os.path.basename(path)))
        if _peer(connected)[1] in (os.geteuid(), 0):
            return Channel(connected)
    connected.close()
    return None


@contextmanager
def _short(directory: str) -> Iterator[str]:
    """Another path to the directory, short enough for the 108 bytes of sockaddr_un (unix(7))."""
    if len(os.fsencode(directory)) < 70 or not os.path.isdir("/proc/self/fd"):
        yield directory
        return
    descriptor = os.open(directory, os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)


def _peer(connected: socket.socket) -> tuple[int, int]:
    """Pid and uid of the process at the other end, when it connected. Linux."""
    if not hasattr(socket, "SO_PEERCRED"):
        raise NotSupported("who is at the other end of a unix socket cannot be told on this system")
    size = _CREDENTIALS.size
    pid, uid, _ = _CREDENTIALS.unpack(
        connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
    )
    return pid, uid


def _identity(path: str) -> tuple[int, int] | None:
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino
