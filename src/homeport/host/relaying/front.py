"""A connection from its first byte to the moment when it is known what becomes of it.

The first byte tells: 0x16 begins a TLS hello, 0x00 PostgreSQL's question whether TLS is spoken,
anything else is HTTP. What has to wait (for a head, a handshake, a route, a backend) waits within
a limit, and costs nothing meanwhile.
"""

from __future__ import annotations

import errno
import socket
from time import monotonic
from typing import TYPE_CHECKING

from homeport.host.relaying.ends import End
from homeport.host.relaying.farewell import Farewell
from homeport.host.relaying.framed import FramedRelay
from homeport.host.relaying.loop import IN, OUT
from homeport.host.relaying.passing import connect_local, peeked
from homeport.host.relaying.pump import Relay
from homeport.host.relaying.verdicts import Answer, Forward, Hold
from homeport.wire import postgresql_start
from homeport.wire.http_request import MOST_BYTES, Head, Refused, read_head

if TYPE_CHECKING:
    import ssl

    from homeport.host.relaying.engine import Engine
    from homeport.host.relaying.loop import Timer
    from homeport.host.relaying.verdicts import Verdict

HEAD_MS = 10_000
CONNECT_MS = 5000
_PIECE_BYTES = 1 << 16
_TLS = 0x16


class Front:
    """One accepted connection; `engine` is told when it is gone."""

    __slots__ = (
        "_backend", "_data", "_end", "_engine", "_forward", "_head", "_name", "_parked",
        "_since_s", "_socket", "_timer",
    )  # fmt: skip

    def __init__(self, engine: Engine, connected: socket.socket) -> None:
        self._engine = engine
        self._socket = connected
        self._end: End | None = None
        self._data = b""
        self._head: Head | None = None
        self._name: str | None = None
        self._backend: socket.socket | None = None
        self._forward: Forward | None = None
        self._since_s = 0.0
        self._parked = False
        engine.loop.add(connected.fileno(), self._first)
        self._timer: Timer | None = engine.loop.after(HEAD_MS, self._too_slow)

    # The first bytes.

    def _first(self, _mask: int) -> None:
        try:
            first = self._socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return
        except OSError:
            first = b""
        if not first:
            self._drop()
        elif first[0] == _TLS:
            self._begin_session()
        elif first[0] == 0:
            self._engine.loop.hand_over(self._socket.fileno(), self._postgresql)
            self._postgresql(IN)
        else:
            self._end = End(self._engine.loop, self._socket, IN)
            self._engine.loop.hand_over(self._socket.fileno(), self._read)
            self._read(IN)

    def _postgresql(self, _mask: int) -> None:
        try:
            piece = self._socket.recv(postgresql_start.SIZE_BYTES - len(self._data))
        except BlockingIOError:
            return
        except OSError:
            piece = b""
        if not piece:
            self._drop()
            return
        self._data += piece
        if len(self._data) < postgresql_start.SIZE_BYTES:
            return
        answer = postgresql_start.answer(self._data)
        self._data = b""
        if answer not in (postgresql_start.YES, postgresql_start.NO):
            self._decided(Answer(answer))
            return
        try:
            self._socket.send(answer)
        except OSError:
            self._drop()
        else:
            self._engine.loop.hand_over(self._socket.fileno(), self._first)

    # TLS.

    def _begin_session(self) -> None:
        """Hands the session on, of which nothing was read yet, or holds it itself."""
        hello = peeked(self._socket)
        verdict = self._engine.policy.elsewhere(hello, self._waited_ms())
        if isinstance(verdict, Hold):
            self._decided(verdict)
            return
        self._since_s = 0.0
        other = connect_local(verdict.address) if verdict is not None else None
        if verdict is None or other is None:
            self._go_on()
            self._begin_tls()
            return
        self._engine.loop.add(other.fileno(), self._connected, IN)
        self._join(other, verdict)

    def _go_on(self) -> None:
        """Reads from the client again, after it was held."""
        if self._parked:
            self._parked = False
            self._engine.loop.change(self._socket.fileno(), self._first, IN)
            self._timer = self._engine.loop.after(HEAD_MS, self._too_slow)

    def _begin_tls(self) -> None:
        import ssl

        descriptor = self._socket.fileno()
        try:
            session = self._engine.secure.wrap_socket(
                self._socket, server_side=True, do_handshake_on_connect=False
            )
        except (OSError, ssl.SSLError):
            self._drop()
            return
        self._socket = session
        self._engine.loop.hand_over(descriptor, self._handshake)
        self._handshake(IN)

    def _handshake(self, _mask: int) -> None:
        import ssl

        from homeport.host.relaying.secure import SecureEnd

        session: ssl.SSLSocket = self._socket  # type: ignore[assignment]
        try:
            session.do_handshake()
        except ssl.SSLWantReadError:
            return
        except ssl.SSLWantWriteError:
            self._engine.loop.change(session.fileno(), self._handshake, OUT)
            return
        except OSError:
            self._drop()
            return
        self._end = SecureEnd(self._engine.loop, session, IN)
        self._name = self._engine.name_of(session)
        self._engine.loop.change(session.fileno(), self._read, IN)
        verdict = self._engine.policy.stream(self._name, 0)
        if verdict is not None:
            self._decided(verdict)
        elif session.pending():
            self._read(IN)

    # The head.

    def _read(self, _mask: int) -> None:
        piece = self._piece()
        if piece is None:
            return
        if not piece:
            self._drop()
            return
        begun = bool(self._data)
        self._data += piece
        # A head that comes byte by byte is not to be read again with each of them.
        if begun and b"\n" not in piece and len(self._data) <= MOST_BYTES:
            return
        try:
            self._head = read_head(self._data)
        except Refused as refused:
            self._decided(self._engine.policy.refusal(refused))
            return
        if self._head is not None:
            self._ask()

    def _piece(self) -> bytes | None:
        if self._name is None:
            try:
                return self._socket.recv(_PIECE_BYTES)
            except BlockingIOError:
                return None
            except OSError:
                return b""
        buffer = bytearray(_PIECE_BYTES)
        try:
            assert self._end is not None  # noqa: S101  (there is a name, so the handshake is done)
            size = self._end.receive_into(buffer)
        except BlockingIOError:
            return None
        except OSError:
            return b""
        return bytes(buffer[:size])

    # What becomes of it.

    def _ask(self) -> None:
        policy, waited_ms = self._engine.policy, self._waited_ms()
        if self._head is not None:
            self._decided(policy.request(self._head, self._name, waited_ms))
        elif self._name is not None:
            verdict = policy.stream(self._name, waited_ms)
            self._decided(verdict if verdict is not None else Answer(b""))
        else:
            self._begin_session()

    def _waited_ms(self) -> int:
        if not self._since_s:
            self._since_s = monotonic()
            return 0
        return int((monotonic() - self._since_s) * 1000)

    def _decided(self, verdict: Verdict) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        match verdict:
            case Forward():
                self._connect(verdict)
            case Hold():
                self._hold(verdict)
            case Answer():
                self._answer(verdict.data)

    def _hold(self, hold: Hold) -> None:
        if not self._since_s:
            self._since_s = monotonic()
        self._park()
        self._engine.held.add(self)
        self._timer = self._engine.loop.after(max(1, hold.for_ms), self.wake)

    def _park(self) -> None:
        """Reads no more from the client, and is told only when it is gone altogether."""
        if not self._parked:
            self._parked = True
            self._engine.loop.change(self._socket.fileno(), self._hung_up, 0)

    def wake(self) -> None:
        """Routes have changed, or the time is up: to be asked again."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._engine.held.discard(self)
        self._ask()

    def _hung_up(self, _mask: int) -> None:
        self._engine.held.discard(self)
        if self._backend is not None:
            self._engine.loop.close(self._backend)
        self._drop()

    def _connect(self, forward: Forward) -> None:
        self._forward = forward
        family = socket.AF_INET6 if ":" in forward.address else socket.AF_INET
        try:
            backend = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        except OSError:
            self._unreachable()
            return
        self._backend = backend
        backend.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        where = (forward.address, forward.port)
        result = backend.connect_ex(where)
        if result == errno.EINPROGRESS:
            # Within this machine it is done by now: the answer came while the call still held the
            # socket. Asking again is cheaper than to be told.
            result = backend.connect_ex(where)
        if result in (errno.EINPROGRESS, errno.EALREADY):
            loop = self._engine.loop
            self._park()
            loop.add(backend.fileno(), self._connected, OUT)
            self._timer = loop.after(CONNECT_MS, self._unreachable)
        elif result:
            self._unreachable()
        else:
            self._engine.loop.add(backend.fileno(), self._connected, IN)
            self._join(backend, forward)

    def _connected(self, _mask: int) -> None:
        backend, forward = self._backend, self._forward
        if backend is None or forward is None:
            return
        if backend.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self._unreachable()
            return
        self._engine.loop.change(backend.fileno(), self._connected, IN)
        self._join(backend, forward)

    def _unreachable(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._backend is not None:
            self._engine.loop.close(self._backend)
            self._backend = None
        forward, self._forward = self._forward, None
        if forward is not None:
            asked = self._head if self._head is not None else self._name or ""
            verdict = self._engine.policy.unreachable(asked, forward, self._waited_ms())
            self._decided(verdict)

    def _join(self, backend: socket.socket, forward: Forward) -> None:
        if self._timer is not None:
            self._timer.cancel()
        engine, end, first = self._engine, self._ended(), self._data
        if self._parked:
            engine.loop.change(end.fd, self._hung_up, IN)
        other = End(engine.loop, backend, IN)
        if forward.check is None:
            relay = Relay(end, other, engine.gone)
            if first:
                relay.up.push(first)
        else:
            FramedRelay(end, other, engine, forward.check).begin(first)

    # The end.

    def _ended(self) -> End:
        if self._end is None:
            self._end = End(self._engine.loop, self._socket, IN)
        return self._end

    def _too_slow(self) -> None:
        self._timer = None
        if self._data and self._end is not None:
            slow = Refused(408, "The head of the request did not come within 10 seconds.")
            self._decided(self._engine.policy.refusal(slow))
        else:
            self._drop()

    def _answer(self, data: bytes) -> None:
        Farewell(self._ended(), data, self._engine.gone)

    def _drop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._engine.loop.close(self._socket)
        self._engine.gone()
