"""Whose process it is at the other end of a TCP connection within this machine. Linux.

The kernel keeps the user who made a socket, and tells it of one socket when asked by its two
endpoints (sock_diag(7)). A socket that its process has closed belongs to nobody any more; the uid
that the kernel gives for it is 0, and must not be taken for root's.
"""

from __future__ import annotations

import socket
import struct
from contextlib import suppress

from homeport.model.errors import BrokenMessage, HomeportError
from homeport.wire.inet_diag_one import one_request, owner_in
from homeport.wire.netlink import Dump, KernelRefused

_NETLINK_SOCK_DIAG = 4
_BUFFER_BYTES = 4096
_TIMEOUT = struct.pack("ll", 1, 0)


class PeerUids:
    """Asks about one connection after another, in the network namespace where it was made."""

    def __init__(self) -> None:
        self._buffer = bytearray(_BUFFER_BYTES)
        self._sequence = 0
        self._socket: socket.socket | None = None
        with suppress(OSError, AttributeError):
            self._socket = _opened()

    def close(self) -> None:
        """Gives the descriptor back."""
        if self._socket is not None:
            self._socket.close()

    def of(self, peer: tuple[str, int], ours: tuple[str, int]) -> int | None:
        """The user who has the other end; None where nobody has, or it cannot be told.

        `peer` is the address and port of that end, `ours` of this one.
        """
        if self._socket is None:
            return _by_table(peer, ours)
        self._sequence += 1
        try:
            self._socket.send(one_request(peer, ours, self._sequence))
            size = self._socket.recv_into(self._buffer)
            dump = Dump(self._socket.getsockname()[0], self._sequence)
            owner = owner_in(self._buffer, size, dump)
        except (OSError, KernelRefused):
            return None
        except BrokenMessage:
            # An answer that came too late belongs to an earlier question.
            self._reopen()
            return None
        return owner.uid if owner.inode else None

    def _reopen(self) -> None:
        self.close()
        self._socket = None
        with suppress(OSError):
            self._socket = _opened()


def _opened() -> socket.socket:
    opened = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_SOCK_DIAG)
    # Connected to the kernel, it hears nobody else.
    opened.connect((0, 0))
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _TIMEOUT)
    return opened


def _by_table(peer: tuple[str, int], ours: tuple[str, int]) -> int | None:
    """By the text tables, which are read whole: where netlink is forbidden or missing."""
    from homeport.host.proc_net import ProcTables
    from homeport.model.endpoint import Transport
    from homeport.wire.inet_diag import address_text

    try:
        rows = ProcTables("self").inet(listening_only=False, transports=frozenset({Transport.TCP}))
    except HomeportError:
        return None
    for row in rows:
        same = (row.local_port, row.remote_port) == (peer[1], ours[1])
        if same and row.inode and address_text(row.local, row.family) == peer[0]:
            return row.uid
    return None
