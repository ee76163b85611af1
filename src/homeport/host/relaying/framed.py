"""The framed path: a relay that reads each request's head, and lets none through unchecked.

Answers are relayed as they come: the backend's connection is this client's alone, so nothing has
to be known of them, but whether another protocol was agreed on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.host.relaying.farewell import Farewell
from homeport.host.relaying.pump import BUFFER_BYTES, Pump, Relay
from homeport.wire.http_request import Refused
from homeport.wire.http_requests import Part, RequestStream
from homeport.wire.http_switch import SwitchReader

if TYPE_CHECKING:
    from collections.abc import Callable

    from homeport.host.relaying.ends import End
    from homeport.host.relaying.engine import Engine
    from homeport.host.relaying.loop import Timer
    from homeport.wire.http_request import Head

HEAD_MS = 10_000
_BUFFER = bytearray(BUFFER_BYTES)
_VIEW = memoryview(_BUFFER)


class FramedRelay(Relay):
    """A relay each of whose requests goes through `check`."""

    __slots__ = ("_check", "_engine")

    # Set once, when it is made: what a type checker fears of a narrower type cannot happen.
    up: Requests  # pyright: ignore[reportIncompatibleVariableOverride]
    down: Answers  # pyright: ignore[reportIncompatibleVariableOverride]

    def __init__(
        self, client: End, backend: End, engine: Engine, check: Callable[[Head], bytes]
    ) -> None:
        self._engine, self._check = engine, check
        super().__init__(client, backend, engine.gone)

    def _pumps(self) -> tuple[Pump, Pump]:
        up = Requests(self, self.client, self.backend, RequestStream(self._check))
        return up, Answers(self, self.backend, self.client)

    def begin(self, first: bytes) -> None:
        """Forwards what was read already."""
        self.up.take(first)

    def refuse(self, refused: Refused, *, in_turn: bool) -> None:
        """Ends the connection; with an answer where it is the bad request's turn."""
        if not in_turn or self.down.blocked:
            self.close(reset=True)
            return
        self.release()
        self.backend.close()
        Farewell(self.client, self._engine.policy.refusal(refused).data, self._engine.gone)


def _received(pump: Pump) -> bytes | None:
    """What has come, empty at its end; None where nothing has, or the relay broke: it is closed."""
    try:
        size = pump.receive_into(_BUFFER)
    except BlockingIOError:
        return None
    except OSError:
        pump.relay.close(reset=True)
        return None
    return bytes(_VIEW[:size])


class Requests(Pump):
    """From the client to the backend."""

    __slots__ = ("_settled", "_stream", "_timer")

    relay: FramedRelay  # pyright: ignore[reportIncompatibleVariableOverride]

    def __init__(self, relay: FramedRelay, source: End, target: End, stream: RequestStream) -> None:
        super().__init__(relay, source, target)
        self._stream = stream
        self._timer: Timer | None = None
        self._settled = True

    @property
    def wants(self) -> bool:
        """Not while it is open which protocol comes next."""
        return not self.blocked and not self.ended and self._stream.part is not Part.WAITING

    def readable(self, _mask: int) -> None:
        """Requests, or parts of them."""
        data = _received(self)
        if data:
            self.take(data)
        elif data is not None:
            self.end()

    def take(self, data: bytes) -> None:
        """Checks and forwards."""
        stream = self._stream
        heads = stream.heads
        try:
            out = stream.feed(data)
        except Refused as refused:
            self._refused(refused, heads)
            return
        if stream.heads != heads:
            # Answers are not measured: where one has begun it is taken to be whole by the time
            # that the client asks again. Who does not wait can only spoil its own connection.
            self._settled = self.relay.down.begun and stream.heads == heads + 1
            self.relay.down.begun = False
        if out and not self.push(out):
            return
        if stream.unfinished or self._timer is not None:
            self._limit()
        if stream.part is Part.WAITING:
            self.relay.down.expect_switch()
            self.source.update()

    def _refused(self, refused: Refused, heads: int) -> None:
        begun = self.relay.down.begun
        before = self._stream.heads - heads
        if self._stream.part is Part.HEAD:
            in_turn = begun and not before
        elif before:
            in_turn = begun and before == 1
        else:
            in_turn = self._settled and not begun
        self.relay.refuse(refused, in_turn=in_turn)

    def _limit(self) -> None:
        """A head that has begun has to come to its end in time."""
        if not self._stream.unfinished:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
        elif self._timer is None:
            self._timer = self.source.loop.after(HEAD_MS, self._too_slow)

    def _too_slow(self) -> None:
        self._timer = None
        if not self.relay.closed:
            slow = Refused(408, "The head of a request did not come within 10 seconds.")
            self.relay.refuse(slow, in_turn=self.relay.down.begun)

    def switched(self, *, yes: bool) -> None:
        """The backend has agreed to another protocol, or not; what was kept back goes on."""
        stream = self._stream
        heads = stream.heads
        try:
            out = stream.switched(yes)
        except Refused as refused:
            self._refused(refused, heads)
            return
        if out and not self.push(out):
            return
        self.source.update()

    def release(self) -> None:
        """Also the limit of time."""
        super().release()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class Answers(Pump):
    """From the backend to the client. `begun`: something has come since the last request."""

    __slots__ = ("_switch", "begun")

    relay: FramedRelay  # pyright: ignore[reportIncompatibleVariableOverride]

    def __init__(self, relay: FramedRelay, source: End, target: End) -> None:
        super().__init__(relay, source, target)
        self.begun: bool = True
        self._switch: SwitchReader | None = None

    def expect_switch(self) -> None:
        """The next answer says whether another protocol follows."""
        self._switch = SwitchReader()

    def readable(self, mask: int) -> None:
        """Answers, as they come."""
        self.begun = True
        if self._switch is None:
            Pump.readable(self, mask)
            return
        data = _received(self)
        if data:
            self._switching(data)
        elif data is not None:
            self.end()

    def _switching(self, data: bytes) -> None:
        switch = self._switch
        decided = None if switch is None else switch.feed(data)
        if not self.push(data) or decided is None:
            return
        self._switch = None
        self.relay.up.switched(yes=decided)
