"""What moves bytes: a relay is two ends and two pumps, one for each direction.

Small amounts are copied through one buffer for all; a stream that fills it goes through a pipe
inside the kernel (splice(2)). A pump whose target does not take any more stops reading, so that
one relay never holds more than a buffer, or a pipe, in each direction.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from homeport.host.relaying.ends import End
    from homeport.host.relaying.loop import Timer

BUFFER_BYTES = 1 << 16
PIPE_BYTES = 1 << 18
MOST_PIPES = 64
LINGER_MS = 30_000
SILENCE_MS = 600_000
_CALM_ROUNDS = 16
_SPLICE_FLAGS = 1 | 2  # SPLICE_F_MOVE, SPLICE_F_NONBLOCK

# One thread, and each piece is handed on before the next one is read.
_BUFFER = bytearray(BUFFER_BYTES)
_VIEW = memoryview(_BUFFER)


class Pipes:
    """Pipes for splice(2), used again; at most so many at once, the rest is copied."""

    def __init__(self, most: int = MOST_PIPES) -> None:
        self._free: list[tuple[int, int]] = []
        self._left = most if hasattr(os, "splice") else 0

    def take(self) -> tuple[int, int] | None:
        """The reading and the writing end of an empty pipe; None where there are enough."""
        if self._free:
            return self._free.pop()
        if not self._left:
            return None
        try:
            pipe = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError:
            return None
        self._left -= 1
        # A user's share of pipe memory is limited (pipe(7)); a smaller one does, too.
        with suppress(OSError):
            fcntl.fcntl(pipe[1], fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        return pipe

    def give_back(self, pipe: tuple[int, int], *, empty: bool) -> None:
        """Keeps it for the next one; what is not empty must not reach anybody else."""
        if empty:
            self._free.append(pipe)
            return
        self._left += 1
        for descriptor in pipe:
            os.close(descriptor)


PIPES = Pipes()


class Relay:
    """A client and its backend, joined until both have ended or one of them breaks."""

    __slots__ = ("_closed", "_timer", "backend", "client", "closed", "down", "up")

    def __init__(self, client: End, backend: End, closed: Callable[[], None]) -> None:
        self.client: End = client
        self.backend: End = backend
        self.closed: bool = False
        self._closed = closed
        self._timer: Timer | None = None
        self.up: Pump
        self.down: Pump
        self.up, self.down = self._pumps()
        client.join(self.up, self.down)
        backend.join(self.down, self.up)

    def _pumps(self) -> tuple[Pump, Pump]:
        return Pump(self, self.client, self.backend), Pump(self, self.backend, self.client)

    def close(self, *, reset: bool = False) -> None:
        """Ends both connections."""
        if self.closed:
            return
        self.release()
        self.client.close(reset=reset)
        self.backend.close(reset=reset)
        self._closed()

    def release(self) -> None:
        """Is done, though its ends may go on."""
        self.closed = True
        self.up.release()
        self.down.release()
        if self._timer is not None:
            self._timer.cancel()

    def ended(self) -> None:
        """One direction has come to its end."""
        if self.up.finished and self.down.finished:
            self.close()
        elif self.down.finished:
            # The backend is done. A client that keeps the other direction open is not waited for
            # for ever, unless it still sends.
            self._linger(self.up, LINGER_MS)
        else:
            # The client has said all. Whether it still listens is seen when the backend answers:
            # one that is silent for long may be answering nobody.
            self._linger(self.down, SILENCE_MS)

    def _linger(self, pump: Pump, time_ms: int) -> None:
        """Closes both once a direction has been silent for so long."""
        pieces = pump.pieces

        def look() -> None:
            if not self.closed:
                if pump.pieces == pieces:
                    self.close()
                else:
                    self._linger(pump, time_ms)

        self._timer = self.client.loop.after(time_ms, look)


class Pump:
    """One direction. `blocked`: its target has to become writable; `ended`: its source is done.

    `pieces` counts what has been passed on, and every change of `blocked`.
    """

    __slots__ = (
        "_calm", "_in_pipe", "_pending", "_pipe", "blocked", "ended", "finished", "pieces",
        "receive_into", "relay", "send", "source", "target",
    )  # fmt: skip

    def __init__(self, relay: Relay, source: End, target: End) -> None:
        self.relay: Relay = relay
        self.source: End = source
        self.target: End = target
        self.receive_into: Callable[[bytearray], int] = source.receive_into
        self.send: Callable[[bytes | memoryview], int] = target.send
        self.blocked: bool = False
        self.ended: bool = False
        self.finished: bool = False
        self.pieces: int = 0
        self._pending: bytes | memoryview = b""
        self._pipe: tuple[int, int] | None = None
        self._in_pipe = self._calm = 0

    @property
    def wants(self) -> bool:
        """Whether there is room for more from its source."""
        return not self.blocked and not self.ended

    def readable(self, _mask: int) -> None:
        """The source has something, or its end, to give."""
        if self._pipe is not None:
            self._splice(self._pipe)
            return
        try:
            size = self.receive_into(_BUFFER)
        except BlockingIOError:
            return
        except OSError:
            self.relay.close(reset=True)
            return
        if not size:
            self.end()
            return
        self.pieces += 1
        try:
            sent = self.send(_VIEW[:size])
        except BlockingIOError:
            sent = 0
        except OSError:
            self.relay.close(reset=True)
            return
        if sent < size:
            self.block(bytes(_VIEW[sent:size]))
        elif size == BUFFER_BYTES:
            self._bulk()

    def push(self, data: bytes) -> bool:
        """Sends bytes that did not come from the source; False where the relay broke."""
        self.pieces += 1
        if self.blocked:
            self._pending = bytes(self._pending) + data
            return True
        try:
            sent = self.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            self.relay.close(reset=True)
            return False
        if sent < len(data):
            self.block(data[sent:])
        return True

    def block(self, data: bytes) -> None:
        """Keeps what the target did not take, and reads no more until it does."""
        self._pending = data
        self._set_blocked(True)

    def _set_blocked(self, blocked: bool) -> None:  # noqa: FBT001  (it is the state)
        self.blocked = blocked
        self.pieces += 1
        self.target.update()
        self.source.update()

    def drain(self) -> None:
        """The target takes something again."""
        if self._in_pipe and self._pipe is not None:
            self._empty(self._pipe)
            return
        data = self._pending
        try:
            sent = self.send(data)
        except BlockingIOError:
            return
        except OSError:
            self.relay.close(reset=True)
            return
        if sent < len(data):
            self._pending = memoryview(data)[sent:]
            return
        self._pending = b""
        self._unblock()

    def _unblock(self) -> None:
        self._set_blocked(False)
        if self.ended:
            self._finish()
        else:
            self.resumed()

    def resumed(self) -> None:
        """Room again; for those who keep something back."""

    def end(self) -> None:
        """The source will give nothing more."""
        self.ended = True
        self.source.update()
        if not self.blocked:
            self._finish()

    def _finish(self) -> None:
        self.finished = True
        self.release()
        self.target.finish()
        self.relay.ended()

    # What follows is for streams.

    def _bulk(self) -> None:
        if self.source.plain and self.target.plain:
            self._pipe = PIPES.take()
            self._calm = 0

    def _splice(self, pipe: tuple[int, int]) -> None:
        try:
            size = os.splice(self.source.fd, pipe[1], PIPE_BYTES, flags=_SPLICE_FLAGS)
        except BlockingIOError:
            return
        except OSError:
            self.relay.close(reset=True)
            return
        if not size:
            self.end()
            return
        self.pieces += 1
        self._calm = self._calm + 1 if size < BUFFER_BYTES >> 2 else 0
        self._in_pipe = size
        self._empty(pipe)

    def _empty(self, pipe: tuple[int, int]) -> None:
        try:
            while self._in_pipe:
                self._in_pipe -= os.splice(
                    pipe[0], self.target.fd, self._in_pipe, flags=_SPLICE_FLAGS
                )
        except BlockingIOError:
            if not self.blocked:
                self._set_blocked(True)
            return
        except OSError:
            self.relay.close(reset=True)
            return
        if self.blocked:
            self._unblock()
        if self._calm > _CALM_ROUNDS:
            self.release()

    def release(self) -> None:
        """Goes back to copying."""
        if self._pipe is not None:
            pipe, self._pipe = self._pipe, None
            PIPES.give_back(pipe, empty=not self._in_pipe)
            self._in_pipe = 0
