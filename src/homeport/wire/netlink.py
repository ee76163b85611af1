"""Netlink framing (RFC 3549, section 2.3): requests out, messages in. Opens no socket.

Every length that the kernel states is checked against the bytes that are there, and every message
against the request that it answers; what does not fit is a `BrokenMessage`, never a guess.
"""

from __future__ import annotations

import struct

from homeport.model.errors import BrokenMessage, HomeportError
from homeport.model.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

HEADER = struct.Struct("=IHHII")
ATTRIBUTE = struct.Struct("=HH")
HEADER_SIZE = 16
ATTRIBUTE_HEADER_SIZE = 4

NOOP, ERROR, DONE, OVERRUN = 1, 2, 3, 4
FLAG_REQUEST = 0x001
FLAG_DUMP_INTERRUPTED = 0x010
FLAG_DUMP = 0x300

# The two highest bits of an attribute's type are flags (nested, byte order), not its number.
_TYPE_MASK = 0x3FFF
_ERRNO = struct.Struct("=i")


class KernelRefused(HomeportError):
    """The kernel answered a request with an error; `errno` is its positive number."""

    def __init__(self, errno: int) -> None:
        super().__init__(f"the kernel refused a netlink request (errno {errno})")
        self.errno = errno


class Header(NamedTuple):
    """The header of a message, struct nlmsghdr of linux/netlink.h; `length` counts it in."""

    length: int
    kind: int
    flags: int
    sequence: int
    port_id: int


def aligned(length: int) -> int:
    """The length with its padding: messages and attributes begin at multiples of four bytes."""
    return (length + 3) & ~3


def request(kind: int, sequence: int, payload: bytes, *, flags: int = FLAG_DUMP) -> bytes:
    """A message to the kernel, by default one that asks for a dump."""
    length = HEADER_SIZE + len(payload)
    return HEADER.pack(length, kind, FLAG_REQUEST | flags, sequence, 0) + payload


def attribute(kind: int, value: bytes) -> bytes:
    """An attribute (struct nlattr) with its padding."""
    length = ATTRIBUTE_HEADER_SIZE + len(value)
    return ATTRIBUTE.pack(length, kind) + value.ljust(aligned(len(value)), b"\0")


def header_at(buffer: bytearray, offset: int, end: int) -> Header:
    """The header at `offset`, when it and its message lie wholly before `end`."""
    if end - offset < HEADER_SIZE:
        raise BrokenMessage("a netlink message is cut off within its header")
    header = Header._make(HEADER.unpack_from(buffer, offset))
    if not HEADER_SIZE <= header.length <= end - offset:
        raise BrokenMessage(
            "a netlink message is longer than what was received",
            why=f"it states {header.length} bytes of {end - offset}",
        )
    return header


def attributes(buffer: bytearray, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Type, start and end of the value of each attribute between `start` and `end`."""
    while end - start >= ATTRIBUTE_HEADER_SIZE:
        length, kind = ATTRIBUTE.unpack_from(buffer, start)
        if not ATTRIBUTE_HEADER_SIZE <= length <= end - start:
            raise BrokenMessage(
                "a netlink attribute is longer than its message",
                why=f"it states {length} bytes of {end - start}",
            )
        yield kind & _TYPE_MASK, start + ATTRIBUTE_HEADER_SIZE, start + length
        start += aligned(length)


class Dump:
    """The state of one dump: what was asked, and whether the answer is complete.

    `done` once the end was seen. `interrupted` when the kernel says that its tables changed under
    the dump (NLM_F_DUMP_INTR), so that it should be asked again.
    """

    def __init__(self, port_id: int, sequence: int) -> None:
        self.port_id = port_id
        self.sequence = sequence
        self.done: bool = False
        self.interrupted: bool = False

    def data_at(self, buffer: bytearray, offset: int, end: int) -> Header | None:
        """The header of the message at `offset` if it carries data; None once `done`.

        Raises `KernelRefused` for an error message, `BrokenMessage` for bytes that are none of the
        answer to this request.
        """
        header = header_at(buffer, offset, end)
        if (header.port_id, header.sequence) != (self.port_id, self.sequence):
            raise BrokenMessage(
                "a netlink message answers another request",
                why=f"port id {header.port_id} and sequence {header.sequence}"
                f" instead of {self.port_id} and {self.sequence}",
            )
        self.interrupted |= bool(header.flags & FLAG_DUMP_INTERRUPTED)
        if header.kind > OVERRUN:
            return header
        self._control(header, buffer, offset)
        return None

    def _control(self, header: Header, buffer: bytearray, offset: int) -> None:
        if header.kind not in (ERROR, DONE):
            raise BrokenMessage(f"a netlink message of kind {header.kind} within a dump")
        # The end of a dump carries its errno too: a protocol that the kernel does not know is
        # ENOENT there, not in an error message.
        if header.length < HEADER_SIZE + _ERRNO.size:
            raise BrokenMessage("the end of a netlink dump is cut off")
        (errno,) = _ERRNO.unpack_from(buffer, offset + HEADER_SIZE)
        if errno < 0:
            raise KernelRefused(-errno)
        self.done = True
