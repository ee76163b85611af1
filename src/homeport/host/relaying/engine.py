"""Accepts connections, of those users whom it may serve and as many as there is room for."""

from __future__ import annotations

import errno
import os
import resource
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

from homeport.host.peer_uid import PeerUids
from homeport.host.relaying.front import Front
from homeport.host.relaying.loop import Loop

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Sequence

    from homeport.host.relaying.verdicts import Policy

MOST_CONNECTIONS = 20_000
_ACCEPTS_AT_ONCE = 64
_PAUSE_MS = 100
_SPARE_DESCRIPTORS = 256
_ADDRESSES = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))


class Engine:
    """Serves listening sockets on one loop. `held` are the connections that wait for a route.

    `present` is how many connections there are. `uids` are the users who are served, None: all.
    """

    def __init__(
        self,
        policy: Policy,
        listeners: Sequence[socket.socket],
        *,
        uids: frozenset[int] | None,
        most: int = MOST_CONNECTIONS,
    ) -> None:
        self.policy = policy
        self.loop: Loop = Loop()
        self.held: set[Front] = set()
        self.present: int = 0
        self._most = most
        self._uids = uids
        self._peers = PeerUids()
        self._listeners = list(listeners)
        self._secure: ssl.SSLContext | None = None
        self._spare: int | None = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
        for listener in listeners:
            self._watch(listener)

    @property
    def secure(self) -> ssl.SSLContext:
        """The context of whoever begins with TLS; made when the first one does."""
        if self._secure is None:
            from homeport.host.relaying.secure import listening_context

            self._secure = listening_context(self.policy)
        return self._secure

    def name_of(self, session: socket.socket) -> str:
        """For whom the client of a TLS session came."""
        from homeport.host.relaying.secure import Session

        return session.name if isinstance(session, Session) else ""

    def wake(self) -> None:
        """Asks again what becomes of those who wait."""
        for front in list(self.held):
            front.wake()

    def gone(self) -> None:
        """One connection less."""
        self.present -= 1

    def stop_listening(self) -> None:
        """Nobody new comes in."""
        for listener in self._listeners:
            self.loop.close(listener)
        self._listeners.clear()

    def close(self) -> None:
        """Gives back what is not a connection."""
        self.stop_listening()
        self.loop.stop()
        self.loop.run()
        self.loop.release()
        self._peers.close()
        if self._spare is not None:
            os.close(self._spare)

    def _watch(self, listener: socket.socket) -> None:
        address, port = listener.getsockname()[:2]

        def accept(_mask: int) -> None:
            for _ in range(_ACCEPTS_AT_ONCE):
                try:
                    connected, peer = listener.accept()
                except OSError as error:
                    if error.errno in (errno.EMFILE, errno.ENFILE):
                        self._without_descriptors(listener)
                    return
                connected.setblocking(False)
                if self._lets_in(connected, peer[0], peer[1], (address, port)):
                    self.present += 1
                    Front(self, connected)

        self.loop.add(listener.fileno(), accept)

    def _lets_in(
        self, connected: socket.socket, address: str, port: int, local: tuple[str, int]
    ) -> bool:
        if self._uids is not None:
            uid = self._peers.of((address, port), local)
            if uid not in self._uids:
                _refuse(connected, _OTHER_USER if uid is not None else _UNKNOWN_USER)
                return False
        if self.present >= self._most:
            _refuse(connected, _TOO_MANY)
            return False
        return True

    def _without_descriptors(self, listener: socket.socket) -> None:
        """Takes whoever waits by the spare descriptor, to refuse in words."""
        if self._spare is None:
            # Others wait on, without the loop being told of them again and again.
            self.loop.remove(listener.fileno())
            self.loop.after(_PAUSE_MS, lambda: self._go_on(listener))
            return
        os.close(self._spare)
        self._spare = None
        with suppress(OSError):
            connected, _ = listener.accept()
            connected.setblocking(False)
            _refuse(connected, _TOO_MANY)
        with suppress(OSError):
            self._spare = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)

    def _go_on(self, listener: socket.socket) -> None:
        if listener in self._listeners:
            with suppress(OSError):
                self._spare = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
            self._watch(listener)


def _response(status: str, text: str, more: str = "") -> bytes:
    return (
        f"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\n{more}"
        f"Content-Length: {len(text) + 1}\r\nConnection: close\r\n\r\n{text}\n"
    ).encode()


_OTHER_USER = _response("403 Forbidden", "This gateway serves another user of this machine.")
_UNKNOWN_USER = _response("403 Forbidden", "Whose connection this is cannot be told.")
_TOO_MANY = _response(
    "503 Service Unavailable", "There are too many connections.", "Retry-After: 5\r\n"
)


def _refuse(connected: socket.socket, answer: bytes) -> None:
    """Says why, as far as that goes without waiting."""
    with suppress(OSError):
        connected.send(answer)
        connected.shutdown(socket.SHUT_WR)
        # Unread bytes would turn the end into a reset, and the answer would be lost.
        connected.recv(1 << 16)
    connected.close()


def listen(ports: Iterable[int]) -> tuple[int, list[socket.socket]] | None:
    """Listens on the first port that is free on both loopback addresses; None where none is.

    A machine without IPv6 has one of them only. Nothing but loopback is ever listened on.
    """
    for port in ports:
        opened: list[socket.socket] = []
        try:
            for family, address in _ADDRESSES:
                opened += _listener(family, address, port)
        except OSError:
            for each in opened:
                each.close()
        else:
            return port, opened
    return None


def _listener(family: int, address: str, port: int) -> list[socket.socket]:
    try:
        made = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    except OSError:
        return []
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind((address, port))
        made.listen(4096)
    except OSError as error:
        made.close()
        if error.errno == errno.EADDRNOTAVAIL:
            return []
        raise
    return [made]


def room_for_connections() -> int:
    """Raises this process's limit of descriptors as far as it may; how many connections fit."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * MOST_CONNECTIONS + _SPARE_DESCRIPTORS
    limit = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(16, (soft - _SPARE_DESCRIPTORS) // 2)
