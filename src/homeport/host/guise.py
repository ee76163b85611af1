"""Sockets that the kernel takes for those of another user, as the firewall sees them. Linux.

A socket belongs to the user of whom its maker had the rights over files when it was made
(sock_alloc() in net/socket.c): setfsuid(2) is enough, and concerns the calling thread only.
"""

from __future__ import annotations

import os
import socket
import sys


def socket_of(uid: int | None, family: int, kind: int) -> socket.socket:
    """A socket of a user, where that is another one and we may; else one of our own."""
    if uid is None or uid == os.geteuid() or os.geteuid() != 0 or sys.platform != "linux":
        return socket.socket(family, kind)
    import ctypes

    libc = ctypes.CDLL(None)
    libc.setfsuid(uid)
    try:
        return socket.socket(family, kind)
    finally:
        libc.setfsuid(os.geteuid())
