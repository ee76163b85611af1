"""BER, as far as LDAP needs it: definite lengths and tags of one octet (X.690; RFC 4511, 5.1)."""

from __future__ import annotations

from homeport.model.record import NamedTuple

SEQUENCE = 0x30
INTEGER = 0x02
OCTET_STRING = 0x04


class Element(NamedTuple):
    """A tag, what it holds, and the bytes that follow the element."""

    tag: int
    value: bytes
    rest: bytes


def element(tag: int, *values: bytes) -> bytes:
    """An element, to be sent."""
    value = b"".join(values)
    if len(value) < 128:
        return bytes([tag, len(value)]) + value
    return bytes([tag, 0x82]) + len(value).to_bytes(2, "big") + value


def read_element(data: bytes) -> Element | None:
    """The first element; None where it is not whole or no BER."""
    if len(data) < 2:
        return None
    octets = data[1] & 0x7F if data[1] & 0x80 else 0
    if data[1] == 0x80 or octets > 4:
        return None
    start = 2 + octets
    length = int.from_bytes(data[2:start], "big") if octets else data[1]
    end = start + length
    return None if len(data) < end else Element(data[0], data[start:end], data[end:])
