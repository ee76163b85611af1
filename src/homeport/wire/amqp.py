"""AMQP 0-9-1, as far as the server's first frame goes: `connection.start` (AMQP 0-9-1, 1.4.2.1).

A frame is: type, channel, size, payload, 0xCE (2.3.5); field tables and their types as RabbitMQ
writes them (its errata to 0-9-1, "Field types").
"""

from __future__ import annotations

from homeport.model.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

HEADER = b"AMQP\x00\x00\x09\x01"

_METHOD_FRAME = b"\x01\x00\x00"
_START = b"\x00\x0a\x00\x0a"
_FRAME_END = 0xCE
_BEFORE_TABLE = len(_START) + 2  # two octets of version
_SIZES = {
    **dict.fromkeys(b"V", 0),
    **dict.fromkeys(b"tbB", 1),
    **dict.fromkeys(b"su", 2),
    **dict.fromkeys(b"IifU", 4),
    **dict.fromkeys(b"D", 5),
    **dict.fromkeys(b"lLdT", 8),
}
_WITH_LENGTH = b"SxFA"


class Start(NamedTuple):
    """What a server says of itself; None where it does not."""

    product: str | None
    version: str | None


def read_start(data: bytes) -> Start | None:
    """The frame with `connection.start`; None until it is whole, or where it is another."""
    end = 7 + int.from_bytes(data[3:7], "big")
    if data[:3] != _METHOD_FRAME or data[7:11] != _START or len(data) <= end:
        return None
    if data[end] != _FRAME_END:
        return None
    payload = data[7:end][_BEFORE_TABLE:]
    size = int.from_bytes(payload[:4], "big")
    named = dict(_texts(payload[4 : 4 + size]))
    return Start(named.get("product"), named.get("version"))


def _texts(table: bytes) -> Iterator[tuple[str, str]]:
    """The fields of a table that are texts; up to the first of an unknown type."""
    at = 0
    while at < len(table):
        name_end = at + 1 + table[at]
        name, kind = table[at + 1 : name_end], table[name_end : name_end + 1]
        start = name_end + 1
        if not kind or (kind not in _WITH_LENGTH and kind[0] not in _SIZES):
            return
        if kind in _WITH_LENGTH:
            start, size = start + 4, int.from_bytes(table[start : start + 4], "big")
        else:
            size = _SIZES[kind[0]]
        if kind == b"S":
            yield name.decode("latin-1"), table[start : start + size].decode("utf-8", "replace")
        at = start + size
