"""Holds ports: a socket that is bound, never listens, and lets only those bind who may.

What this rests on was tried on Linux 6.18 (net/ipv4/inet_connection_sock.c has the reasons):

- A bind without SO_REUSEADDR is refused by the kernel wherever anybody has the port, also with a
  socket that does not listen, in another user's process. So the bind itself is the test, and there
  is no moment between looking and having.
- Whether two sockets get along is decided by the options that they have when the *second* one
  binds. SO_REUSEADDR set after our own bind thus opens the port to servers that set it before
  theirs, which nearly all do, and to nobody else.
- One socket on `::` that takes IPv4 too (not IPV6_V6ONLY) stands for every address: under it
  binds to 127.0.0.1, 0.0.0.0, ::1 and ::, dual-stack or not, succeed with SO_REUSEADDR and fail
  with EADDRINUSE without, SO_REUSEPORT alone included. It costs half of two sockets. Where the
  machine has no IPv6 it is 0.0.0.0; it works under disable_ipv6.
- bind to port 0 and connect() never take a held port, with SO_REUSEADDR or without: even with
  every port of ip_local_port_range held they fail instead.
- A socket that does not listen answers a SYN as a closed port does. A UDP socket would take what is
  sent to it: this one drops it. A server that binds under it with SO_REUSEADDR gets its datagrams,
  on every address: the kernel prefers the more specific socket, and among equals the later. (Were
  the hold on 127.0.0.1, a server on 0.0.0.0 would get nothing.)

Connections that a former server closed stay in TIME-WAIT and refuse the strict bind for a minute,
though a server with SO_REUSEADDR could have the port at once. There the hold binds with it as well,
and *then* looks for anybody else who is bound: of two who do that at once both see the other.
"""

from __future__ import annotations

import errno
import os
import socket
import struct
from contextlib import suppress

from homeport.model.endpoint import Transport
from homeport.model.errors import HomeportError, NotPermitted, NotSupported
from homeport.model.sockets import TcpState

_PLACES = ((socket.AF_INET6, "::"), (socket.AF_INET, "0.0.0.0"))
_NO_SUCH_FAMILY = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL, errno.EPROTONOSUPPORT)
_SO_ATTACH_FILTER = 26
_DROP_ALL = struct.pack("=HBBI", 6, 0, 0, 0)  # BPF_RET: pass 0 bytes


def hold(transport: Transport, port: int, *, strict: bool = False) -> int | None:
    """A descriptor that holds the port on every address; None where somebody else has it.

    With `strict` also not where a server without SO_REUSEADDR could not bind, for connections in
    TIME-WAIT. Raises `NotPermitted` for a port that this user may not bind.
    """
    held = _bound(transport, port)
    if held is None and transport is Transport.TCP and not strict:
        return _bound_over_the_past(port)
    return held


def listen(address: str, port: int, *, backlog: int) -> socket.socket | None:
    """A listening TCP socket on one address of a held port; None where somebody else has it."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind((address, port))
        made.listen(backlog)
    except OSError as error:
        made.close()
        if error.errno == errno.EADDRINUSE:
            return None
        if error.errno == errno.EADDRNOTAVAIL:
            raise HomeportError(f"{address} is no address of this machine") from error
        raise _translated(error, port) from error
    return made


def _bound(transport: Transport, port: int, *, shared: bool = False) -> int | None:
    kind = socket.SOCK_DGRAM if transport is Transport.UDP else socket.SOCK_STREAM
    refused: OSError | None = None
    for family, address in _PLACES:
        try:
            made = socket.SocketType(family, kind)
        except OSError as error:
            refused = error
            continue
        try:
            _bind(made, (address, port), shared=shared)
        except OSError as error:
            made.close()
            refused = error
            if error.errno == errno.EADDRINUSE:
                return None
            if error.errno not in _NO_SUCH_FAMILY:
                break
        else:
            if transport is Transport.UDP:
                _take_nothing(made)
            return made.detach()
    raise _translated(refused, port) from refused


def _bind(made: socket.SocketType, place: tuple[str, int], *, shared: bool) -> None:
    if place[0] == "::":
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    if shared:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(place)
    else:
        made.bind(place)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)


def _take_nothing(made: socket.SocketType) -> None:
    """Lets the kernel drop every datagram before it is queued (socket(7)). Linux."""
    from array import array

    code = array("B", _DROP_ALL)
    with suppress(OSError):
        fprog = struct.pack("HP", 1, code.buffer_info()[0])
        made.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, fprog)


def _bound_over_the_past(port: int) -> int | None:
    held = _bound(Transport.TCP, port, shared=True)
    if held is None or _only_the_past_has(port, os.fstat(held).st_ino):
        return held
    os.close(held)
    return None


def _only_the_past_has(port: int, own_inode: int) -> bool:
    """Whether connections, and they alone, are what refused the strict bind; if in doubt, not.

    Kernels before 6.8 do not tell of sockets that are bound only. There another user's hold can be
    overlooked, when connections are in TIME-WAIT at the same moment.
    """
    from homeport.host.sock_diag import DiagTables

    wanted = frozenset({Transport.TCP})
    try:
        with DiagTables() as tables:
            bound = [row for row in tables.bound() if row.local_port == port]
            rows = tables.inet(listening_only=False, transports=wanted)
    except HomeportError:
        return False
    connections = [row for row in rows if row.local_port == port and row.inode != own_inode]
    return (
        all(row.inode == own_inode for row in bound)
        and bool(connections)
        and all(row.state != TcpState.LISTEN for row in connections)
    )


def _translated(error: OSError | None, port: int) -> HomeportError:
    number = None if error is None else error.errno
    if number in (errno.EACCES, errno.EPERM):
        return NotPermitted(
            f"port {port} may not be bound by this user",
            why="the system keeps low ports for root (ip_unprivileged_port_start)",
            next_step="take a port from 1024 on, or leave it out to get a free one",
        )
    if number in _NO_SUCH_FAMILY:
        return NotSupported("this machine has neither IPv4 nor IPv6")
    return HomeportError(f"port {port} cannot be held", why=error.strerror if error else None)
