"""A TLS server on loopback that clients are sent to, and which sees whether they trust it.

A client that trusts a certificate asks for the page; one that does not ends the handshake with an
alert, or without a word. The name that it asks for (SNI) tells which client it is.
"""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import suppress

from homeport.host.clock import Waker
from homeport.model.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

_ADDRESS = "127.0.0.1"
_PATIENCE_S = 5.0
_MOST_AT_ONCE = 64
_HEAD = 8192
_PAGE = b"<!doctype html><title>Homeport</title><p>This client trusts the local authority.\n"
_ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n"
    b"Content-Length: %d\r\n\r\n%s" % (len(_PAGE), _PAGE)
)


LEFT = "LEFT"


class Seen(NamedTuple):
    """What a client did: it asked for the page, or it refused.

    It refuses by an alert (RFC 8446, 6), or by being gone, `LEFT`, as soon as it has seen the
    certificate. One that has done neither yet has not decided.
    """

    asked: bool
    refusal: str | None = None


class TrialServer:
    """The server, for the length of a block; `seen` is what each host's client did."""

    def __init__(self, choose: Callable[[str], ssl.SSLContext | None]) -> None:
        self._choose = choose
        self._listening = socket.create_server((_ADDRESS, 0), backlog=_MOST_AT_ONCE)
        # Bound and not listening: whoever connects is refused, and nobody else gets the port.
        self._nowhere = socket.socket()
        self._nowhere.bind((_ADDRESS, 0))
        self.port: int = self._listening.getsockname()[1]
        self.nowhere: str = f"{_ADDRESS}:{self._nowhere.getsockname()[1]}"
        self.seen: dict[str, Seen] = {}
        self.waker: Waker = Waker()
        self._room = threading.BoundedSemaphore(_MOST_AT_ONCE)
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._ended = threading.Event()

    def __enter__(self) -> Self:
        self._accepting.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._ended.set()
        # On Linux closing a socket does not end an accept() in another thread.
        with suppress(OSError), socket.create_connection((_ADDRESS, self.port), timeout=1):
            self._accepting.join(_PATIENCE_S)
        self._listening.close()
        self._nowhere.close()

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                accepted, _ = self._listening.accept()
            except OSError:
                return
            if self._ended.is_set() or not self._room.acquire(blocking=False):
                accepted.close()
                continue
            threading.Thread(target=self._serve, args=(accepted,), daemon=True).start()

    def _serve(self, accepted: socket.socket) -> None:
        asked_for: list[str] = []

        def choose(serving: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> int | None:
            context = self._choose(name or "")
            if name is None or context is None:
                return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
            asked_for.append(name)
            serving.context = context
            return None

        first = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        first.sni_callback = choose
        accepted.settimeout(_PATIENCE_S)
        seen = _conversation(first, accepted)
        for host in asked_for:
            self._note(host, seen)
        self._room.release()

    def _note(self, host: str, seen: Seen) -> None:
        known = self.seen.get(host)
        # A browser connects more than once; what it asked for on one connection counts.
        if known is None or (seen.asked and not known.asked) or known == Seen(asked=False):
            self.seen[host] = seen
            self.waker.wake()


def _conversation(context: ssl.SSLContext, accepted: socket.socket) -> Seen:
    try:
        with accepted, context.wrap_socket(accepted, server_side=True) as secured:
            head = b""
            while b"\r\n\r\n" not in head and len(head) < _HEAD:
                received = secured.recv(_HEAD)
                if not received:
                    return Seen(asked=False)
                head += received
            secured.sendall(_ANSWER)
            return Seen(asked=True)
    # Which of them is a matter of moments, and of the version of Python.
    except (ssl.SSLEOFError, ssl.SSLZeroReturnError, ConnectionError):
        return Seen(asked=False, refusal=LEFT)
    except ssl.SSLError as error:
        return Seen(asked=False, refusal=error.reason)
    except OSError:
        return Seen(asked=False)
