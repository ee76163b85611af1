"""Unix sockets as NETLINK_SOCK_DIAG tells of them: the request, and answers to rows.

Source: linux/unix_diag.h and net/unix/diag.c.
"""

from __future__ import annotations

import struct

from homeport.model.errors import BrokenMessage
from homeport.model.record import NamedTuple
from homeport.wire.netlink import HEADER_SIZE, Dump, Header, aligned, attributes, request

SOCK_DIAG_BY_FAMILY = 20
_AF_UNIX = 1
_SHOW_NAME, _SHOW_RQLEN, _SHOW_UID = 0x01, 0x10, 0x40
_ATTR_NAME, _ATTR_RQLEN, _ATTR_UID = 0, 4, 7

_REQUEST = struct.Struct("=BBHIIIQ")
_MESSAGE = struct.Struct("=BBBxIQ")
_RQLEN = struct.Struct("=II")
_UID = struct.Struct("=I")

KINDS = {1: "stream", 2: "dgram", 5: "seqpacket"}
"""Socket types that the unix family knows (linux/net.h), by number."""


class UnixRow(NamedTuple):
    """One unix socket, raw as the kernel gives it (struct unix_diag_msg).

    `kind` is `stream`, `dgram` or `seqpacket`; `state` is numbered as for TCP. `name` are the
    bytes of sun_path: with a NUL in front for the abstract namespace, None for an unnamed socket.
    For a listener the queues are connections that wait for accept() and how many may. None is
    what the source of the row does not tell.
    """

    kind: str
    state: int
    inode: int
    cookie: int | None
    name: bytes | None
    receive_queue: int | None
    send_queue: int | None
    uid: int | None


def dump_request(states: int, sequence: int) -> bytes:
    """A request for all unix sockets in the given states (a bit each)."""
    show = _SHOW_NAME | _SHOW_RQLEN | _SHOW_UID
    payload = _REQUEST.pack(_AF_UNIX, 0, 0, states, 0, show, 0)
    return request(SOCK_DIAG_BY_FAMILY, sequence, payload)


def name_text(name: bytes | None) -> str | None:
    r"""A name for people, as ss writes it: every NUL of an abstract one as `@`.

    Bytes that are no UTF-8 appear as `\xff`, so that the text can always be printed.
    """
    if name is None:
        return None
    return name.replace(b"\0", b"@").decode("utf-8", "backslashreplace")


class UnixParser:
    """Reads the answer to one dump request; feed it what is received until `dump.done`."""

    def __init__(self, dump: Dump) -> None:
        self.dump = dump

    def feed(self, buffer: bytearray, size: int) -> list[UnixRow]:
        """The rows in the first `size` bytes of a buffer.

        Raises `BrokenMessage`, or `KernelRefused` when the kernel answers with an error.
        """
        rows: list[UnixRow] = []
        offset = 0
        while offset < size and not self.dump.done:
            header = self.dump.data_at(buffer, offset, size)
            if header is not None:
                rows.append(_row_at(header, buffer, offset))
                offset += aligned(header.length)
        return rows


def _row_at(header: Header, buffer: bytearray, offset: int) -> UnixRow:
    start, end = offset + HEADER_SIZE, offset + header.length
    if header.kind != SOCK_DIAG_BY_FAMILY or end - start < _MESSAGE.size:
        raise BrokenMessage(
            "a netlink message is not about a unix socket",
            why=f"kind {header.kind}, {header.length} bytes",
        )
    family, kind, state, inode, cookie = _MESSAGE.unpack_from(buffer, start)
    if family != _AF_UNIX or kind not in KINDS:
        raise BrokenMessage(
            "a socket of unknown kind in a dump of unix sockets", why=f"family {family}, {kind}"
        )
    told = {
        number: bytes(buffer[first:last])
        for number, first, last in attributes(buffer, start + _MESSAGE.size, end)
    }
    name, queues, uid = told.get(_ATTR_NAME), told.get(_ATTR_RQLEN, b""), told.get(_ATTR_UID, b"")
    waiting, limit = _RQLEN.unpack(queues) if len(queues) == _RQLEN.size else (None, None)
    return UnixRow(
        kind=KINDS[kind],
        state=state,
        inode=inode,
        cookie=cookie,
        name=_without_terminator(name),
        receive_queue=waiting,
        send_queue=limit,
        uid=_UID.unpack(uid)[0] if len(uid) == _UID.size else None,
    )


def _without_terminator(name: bytes | None) -> bytes | None:
    # A path counts its closing NUL in; in an abstract name a NUL is a byte like any other.
    return name if not name or name.startswith(b"\0") else name.partition(b"\0")[0]
