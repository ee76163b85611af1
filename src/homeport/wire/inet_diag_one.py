"""Asking the kernel for one TCP socket by its endpoints, and who made it (linux/inet_diag.h).

A dump would walk the whole table; this is one look-up in a hash.
"""

from __future__ import annotations

import struct
from socket import AF_INET, AF_INET6, inet_pton

from homeport.model.errors import BrokenMessage
from homeport.model.record import NamedTuple
from homeport.wire.inet_diag import SOCK_DIAG_BY_FAMILY
from homeport.wire.netlink import FLAG_REQUEST, HEADER_SIZE, Dump, request

_TCP = 6
_ANY_STATE = 0xFFFFFFFF
_REQUEST = struct.Struct("=BBBxI")
_PORTS = struct.Struct(">HH")
# Any interface, and INET_DIAG_NOCOOKIE in both halves of the cookie.
_NO_COOKIE = struct.pack("=III", 0, 0xFFFFFFFF, 0xFFFFFFFF)
_OWNER = struct.Struct("=II")
_OWNER_AT = HEADER_SIZE + 4 + 48 + 12


class Owner(NamedTuple):
    """Who made a socket; `inode` is 0 when no process has it any more, and `uid` tells nothing."""

    uid: int
    inode: int


def one_request(local: tuple[str, int], remote: tuple[str, int], sequence: int) -> bytes:
    """A request for the TCP socket with this local and this remote endpoint (address, port)."""
    family = AF_INET6 if ":" in local[0] else AF_INET
    payload = (
        _REQUEST.pack(family, _TCP, 0, _ANY_STATE)
        + _PORTS.pack(local[1], remote[1])
        + inet_pton(family, local[0]).ljust(16, b"\0")
        + inet_pton(family, remote[0]).ljust(16, b"\0")
        + _NO_COOKIE
    )
    return request(SOCK_DIAG_BY_FAMILY, sequence, payload, flags=FLAG_REQUEST)


def owner_in(buffer: bytearray, size: int, dump: Dump) -> Owner:
    """The answer. Raises `KernelRefused` (ENOENT: there is none), or `BrokenMessage`."""
    header = dump.data_at(buffer, 0, size)
    if header is None or header.kind != SOCK_DIAG_BY_FAMILY or header.length < _OWNER_AT + 8:
        raise BrokenMessage("the kernel's answer is not about a socket")
    return Owner._make(_OWNER.unpack_from(buffer, _OWNER_AT))
