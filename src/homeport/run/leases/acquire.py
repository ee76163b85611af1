"""How a port becomes a lease: first the lock, then the hold, then the next port.

The lock comes first: who has let go of the hold keeps the lock until the server has bound the
port, and must not meet our bind meanwhile.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import count

from homeport.host import holding, locks
from homeport.host.files import read_private, write_atomically
from homeport.model.endpoint import Endpoint, Transport
from homeport.model.lease import LEASED, NoPortLeft, PortTaken
from homeport.run.leases.lease import LOOPBACK, Lease
from homeport.run.leases.order import anonymous_order, anonymous_ports, digest, home, named_order

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from homeport.model.lease import LeaseKey
    from homeport.model.port import PortRange

_LONGEST_MEMORY = 8


def acquire(
    key: LeaseKey | None = None,
    *,
    port: int | None = None,
    transport: Transport = Transport.TCP,
    span: PortRange = LEASED,
    strict: bool = False,
) -> Lease:
    """A lease of `port`, or of the port that `key` had before, or of any in `span`.

    With `strict` no port is taken that a server without SO_REUSEADDR could not bind, because
    connections of the past are in TIME-WAIT there. Raises `PortTaken` for a `port` that somebody
    has, `NoPortLeft`, `NotPermitted`, `StateUnusable`.
    """
    if port is not None:
        return _wanted(key, port, transport, strict=strict)
    if key is not None:
        return _named(key, transport, span, strict=strict)
    for each in anonymous_order(span, next(_turns(span))):
        # No second look at what is in TIME-WAIT: there are enough other ports.
        lease = _tried(None, each, transport, strict=True)
        if lease is not None:
            return lease
    raise _no_port_left(transport, span)


@lru_cache(maxsize=16)
def _turns(span: PortRange) -> Iterator[int]:
    # Ports in turn and not at random: the one just released may have connections in TIME-WAIT.
    return count(locks.random_below(anonymous_ports(span) or 1))


def lock_name(port: int, transport: Transport) -> str:
    """The name of the file that stands for a port."""
    return f"{transport.value}-{port}"


def _tried(key: LeaseKey | None, port: int, transport: Transport, *, strict: bool) -> Lease | None:
    lock = locks.lease_locks().take(lock_name(port, transport), key)
    if lock is None:
        return None
    hold = None
    try:
        hold = holding.hold(transport, port, strict=strict)
    finally:
        if hold is None:
            locks.let_go(lock)
    return None if hold is None else Lease(transport, port, lock, hold, key)


def _wanted(key: LeaseKey | None, port: int, transport: Transport, *, strict: bool) -> Lease:
    lease = _tried(key, port, transport, strict=strict)
    if lease is None:
        endpoint = Endpoint(transport, LOOPBACK, port)
        raise PortTaken(f"{transport} port {port} is taken", endpoint=endpoint)
    return lease


def _named(key: LeaseKey, transport: Transport, span: PortRange, *, strict: bool) -> Lease:
    name = digest(key, transport)
    memory = f"{locks.lease_locks().path}/keys/{name}"
    remembered = _recalled(memory)
    usual = remembered if remembered is not None and remembered in span else home(name, span)
    for port in named_order(name, span, remembered):
        lease = _tried(key, port, transport, strict=strict)
        if lease is None:
            continue
        if port != usual and not _is_leased_by(key, usual, transport):
            write_atomically(memory, b"%d\n" % port)
        return lease
    raise _no_port_left(transport, span)


def _recalled(memory: str) -> int | None:
    digits = (read_private(memory, limit=_LONGEST_MEMORY) or b"").strip()
    return int(digits) if digits.isdigit() else None


def _is_leased_by(key: LeaseKey, port: int, transport: Transport) -> bool:
    holder = locks.lease_locks().holder(lock_name(port, transport))
    return holder is not None and holder.key == key


def _no_port_left(transport: Transport, span: PortRange) -> NoPortLeft:
    return NoPortLeft(
        f"every {transport} port of {span} is taken",
        why="each is held by a lease or used by a program",
        next_step="homeport lease --list and homeport ls show by whom; or lease from another range",
    )
