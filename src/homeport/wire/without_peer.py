"""Which destroyed sockets may have been listeners: a classic BPF program over netlink messages.

It runs in the kernel, so that a thousand connections that end in a second wake nobody. A socket
passes when it has no peer; and of the TCP sockets among them those whose path MTU was never set.
connect() sets it, also when it is refused, and a refused socket has lost its peer again by the
time it is destroyed: without this, each try to connect to a server that is not there yet would
look like a listener that came and went. Source: net/ipv4/inet_diag.c (inet_diag_handler_get_info),
tcp_disconnect() and tcp_get_info() in net/ipv4/tcp.c, filter.h; seen on Linux 6.18.
"""

from __future__ import annotations

import sys

from homeport.model.record import NamedTuple


class Step(NamedTuple):
    """An instruction of classic BPF (struct sock_filter): jumps count from the next one."""

    code: int
    if_true: int
    if_false: int
    operand: int


_LOAD_BYTE, _LOAD_HALF, _LOAD_WORD, _LOAD_LENGTH = 0x30, 0x28, 0x20, 0x80
_IF_EQUAL, _IF_AT_LEAST, _RETURN = 0x15, 0x35, 0x06

# nlmsghdr (16), inet_diag_msg (72), INET_DIAG_PROTOCOL (8), INET_DIAG_INFO (4 and a tcp_info).
_PEER_PORT_AT = 16 + 6
_PROTOCOL_AT = 16 + 72 + 4
_TYPE_AT = 16 + 72 + 8 + 2
_PATH_MTU_AT = 16 + 72 + 8 + 4 + 60
_TCP = 6
_INET_DIAG_INFO = 2
# Loads are big-endian, the types of attributes are in the order of the host.
_INFO_TYPE = int.from_bytes(_INET_DIAG_INFO.to_bytes(2, sys.byteorder), "big")

WITHOUT_PEER = (
    Step(_LOAD_HALF, 0, 0, _PEER_PORT_AT),
    Step(_IF_EQUAL, 0, 9, 0),
    Step(_LOAD_BYTE, 0, 0, _PROTOCOL_AT),
    Step(_IF_EQUAL, 0, 6, _TCP),
    Step(_LOAD_LENGTH, 0, 0, 0),
    Step(_IF_AT_LEAST, 0, 4, _PATH_MTU_AT + 4),
    Step(_LOAD_HALF, 0, 0, _TYPE_AT),
    Step(_IF_EQUAL, 0, 2, _INFO_TYPE),
    Step(_LOAD_WORD, 0, 0, _PATH_MTU_AT),
    Step(_IF_EQUAL, 0, 1, 0),
    Step(_RETURN, 0, 0, 0xFFFFFFFF),
    Step(_RETURN, 0, 0, 0),
)
"""Keeps the whole message, or drops it."""
