"""What a kernel answered, recorded by tools/record_fixtures.py, and ways to read it."""

from __future__ import annotations

from typing import NamedTuple

from homeport.model.endpoint import Transport
from homeport.model.errors import BrokenMessage
from homeport.wire.inet_diag import InetParser, InetRow, row_at
from homeport.wire.netlink import HEADER, Dump, KernelRefused, aligned
from tests.support import FIXTURES

PLACE = FIXTURES / "sock_diag"
INET = {
    "tcp4": Transport.TCP,
    "tcp4-nobody": Transport.TCP,
    "tcp6": Transport.TCP,
    "tcp6-nobody": Transport.TCP,
    "udp4": Transport.UDP,
    "udp4-nobody": Transport.UDP,
    "udp6": Transport.UDP,
    "udp6-nobody": Transport.UDP,
    "mptcp4": Transport.MPTCP,
    "mptcp6": Transport.MPTCP,
}
"""The dumps of internet sockets, and what was asked for."""


class Outcome(NamedTuple):
    """What a parser made of some bytes: rows, and whether it refused the rest."""

    rows: list[InetRow]
    refused: bool
    interrupted: bool


def recorded(name: str) -> bytes:
    return (PLACE / f"{name}.bin").read_bytes()


def dump_of(data: bytes) -> Dump:
    """The dump that the first message of some bytes belongs to."""
    _, _, _, sequence, port_id = HEADER.unpack_from(data)
    return Dump(port_id, sequence)


def rows_of(name: str) -> list[InetRow]:
    data = recorded(name)
    parser = InetParser(dump_of(data), INET[name])
    rows = parser.feed(bytearray(data), len(data))
    assert parser.dump.done
    return rows


def messages(data: bytes) -> list[bytes]:
    """The messages of a recording, each on its own."""
    found, offset = [], 0
    while offset < len(data):
        (length, *_) = HEADER.unpack_from(data, offset)
        found.append(data[offset : offset + aligned(length)])
        offset += aligned(length)
    return found


def fast(data: bytes, dump: Dump, transport: Transport) -> Outcome:
    """As Homeport reads it: whole runs at once, where that is possible."""
    try:
        rows = InetParser(dump, transport).feed(bytearray(data), len(data))
    except (BrokenMessage, KernelRefused):
        return Outcome([], refused=True, interrupted=False)
    return Outcome(rows, refused=False, interrupted=dump.interrupted)


def slow(data: bytes, dump: Dump, transport: Transport) -> Outcome:
    """Message by message with the general parser alone."""
    rows, offset, buffer = [], 0, bytearray(data)
    try:
        while offset < len(buffer) and not dump.done:
            header = dump.data_at(buffer, offset, len(buffer))
            if header is not None:
                rows.append(row_at(transport, header, buffer, offset))
                offset += aligned(header.length)
    except (BrokenMessage, KernelRefused):
        return Outcome([], refused=True, interrupted=False)
    return Outcome(rows, refused=False, interrupted=dump.interrupted)
