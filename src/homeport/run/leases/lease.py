"""A lease in somebody's hands: a lock, and a socket that holds the port."""

from __future__ import annotations

from homeport.host import holding, locks
from homeport.model.endpoint import Endpoint, Transport
from homeport.model.lease import PortTaken

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from types import TracebackType
    from typing import Self

    from homeport.model.lease import LeaseKey

LOOPBACK = "127.0.0.1"


class Lease:
    """A port that nobody else gets until `release`, or until every process that has it is gone.

    A context manager, sync and async, that releases it at the end. One that is never released is
    held as long as the process lives; forgetting the object does not give the port away. A server
    binds the port under the hold when it sets SO_REUSEADDR, as nearly all TCP servers do; for
    others there is `let_go`. Children that are forked share the lease; to others it is passed by
    descriptor (`fds`).
    """

    __slots__ = ("_hold", "_lock", "key", "port", "transport")

    def __init__(
        self, transport: Transport, port: int, lock: int, hold: int, key: LeaseKey | None = None
    ) -> None:
        self.transport: Transport = transport
        self.port: int = port
        self.key: LeaseKey | None = key
        self._lock = lock
        self._hold = hold

    def __repr__(self) -> str:
        state = "" if self._lock >= 0 else ", released"
        return f"<Lease {self.transport} {self.port}{state}>"

    @property
    def address(self) -> str:
        """Where a server should listen, and is reached: 127.0.0.1. The port is held on all."""
        return LOOPBACK

    @property
    def endpoint(self) -> Endpoint:
        """Transport, address and port."""
        return Endpoint(self.transport, LOOPBACK, self.port)

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`; for UDP `udp://127.0.0.1:PORT`."""
        scheme = "udp" if self.transport is Transport.UDP else "http"
        return f"{scheme}://{LOOPBACK}:{self.port}"

    @property
    def lock_fds(self) -> tuple[int, ...]:
        """The descriptor of the lock, for `pass_fds`: with it a child keeps others off the port.

        Empty once the lease is released.
        """
        return () if self._lock < 0 else (self._lock,)

    @property
    def fds(self) -> tuple[int, ...]:
        """The descriptors of the lock and of the hold: a child that has both has the lease."""
        return self.lock_fds if self._hold < 0 else (*self.lock_fds, self._hold)

    def let_go(self) -> None:
        """Opens the port to a server that binds it without SO_REUSEADDR; the lock is kept.

        From here until that server has bound it, other programs could take the port: call it at
        the last moment. No other lease will.
        """
        if self._hold >= 0:
            locks.let_go(self._hold)
            self._hold = -1

    def hold(self) -> bool:
        """Holds the port again after `let_go`; False where somebody has bound it."""
        if self._hold < 0 <= self._lock:
            self._hold = _or_minus_one(holding.hold(self.transport, self.port))
        return self._hold >= 0

    def listen(self, address: str = LOOPBACK, *, backlog: int = 128) -> socket.socket:
        """A listening TCP socket on the port, for a server that inherits a descriptor.

        It belongs to the caller, who closes it. Raises `PortTaken` where somebody has bound the
        port under the hold.
        """
        made = holding.listen(address, self.port, backlog=backlog)
        if made is None:
            endpoint = Endpoint(self.transport, address, self.port)
            raise PortTaken(f"tcp {endpoint} is taken", endpoint=endpoint)
        return made

    def release(self) -> None:
        """Gives the port back; again does nothing. Children that have the descriptors keep it."""
        self.let_go()
        if self._lock >= 0:
            locks.let_go(self._lock)
            self._lock = -1

    def hand_to(self, pid: int) -> None:
        """Releases it here, and tells that it is the child `pid` who has it now."""
        if self._lock >= 0:
            locks.tell(self._lock, pid, self.key)
        self.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def _or_minus_one(descriptor: int | None) -> int:
    return -1 if descriptor is None else descriptor
