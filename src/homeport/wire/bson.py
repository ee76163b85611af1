"""BSON (bsonspec.org, version 1.1), as far as a client's first commands need it, and OP_MSG.

Written are 32-bit integers, booleans, strings, binary data, and documents and arrays of these; read
is whatever a server answers: what is of no use is skipped by its length, and what is broken ends
the reading.
"""

from __future__ import annotations

import struct
from typing import TypeAlias

Value: TypeAlias = "int | float | bool | str | bytes | dict[str, Value] | list[Value] | None"
Document: TypeAlias = "dict[str, Value]"

OP_MSG = 2013
_MOST = 1 << 17
_DEEPEST = 8
_NUMBERS = {0x01: "<d", 0x10: "<i", 0x12: "<q"}
_SKIPPED = {0x07: 12, 0x09: 8, 0x11: 8, 0x13: 16, 0x06: 0, 0x0A: 0, 0x7F: 0, 0xFF: 0}
"""ObjectId, date, timestamp, decimal; undefined, null, and the smallest and largest keys."""


def encode(document: Document) -> bytes:
    """A document in BSON."""
    body = b"".join(_element(name, value) for name, value in document.items())
    return struct.pack("<i", len(body) + 5) + body + b"\0"


def _element(name: str, value: Value) -> bytes:
    key = name.encode() + b"\0"
    if isinstance(value, bool):
        return b"\x08" + key + bytes([value])
    if isinstance(value, int):
        return b"\x10" + key + struct.pack("<i", value)
    if isinstance(value, bytes):
        return b"\x05" + key + struct.pack("<iB", len(value), 0) + value
    if isinstance(value, list):
        return b"\x04" + key + encode({str(at): each for at, each in enumerate(value)})
    if isinstance(value, dict):
        return b"\x03" + key + encode(value)
    text = str(value).encode("utf-8", "replace") + b"\0"
    return b"\x02" + key + struct.pack("<i", len(text)) + text


def message(number: int, document: Document) -> bytes:
    """A command in an OP_MSG, as its only section."""
    body = struct.pack("<IB", 0, 0) + encode(document)
    return struct.pack("<4i", 16 + len(body), number, 0, OP_MSG) + body


def read_message(number: int, data: bytes) -> Document | None:
    """The answer to the command of that number, once it is whole; None for anything else."""
    if cannot_be(number, data) or len(data) < 26:
        return None
    length = int.from_bytes(data[:4], "little")
    return None if len(data) < length else decode(data[21:length])


def cannot_be(number: int, data: bytes) -> bool:
    """Whether these bytes begin no OP_MSG that answers the command of that number."""
    if len(data) < 16:
        return False
    length, _, to, code = struct.unpack_from("<4i", data)
    return (to, code) != (number, OP_MSG) or not 26 <= length <= _MOST


def decode(data: bytes) -> Document | None:
    """A document; None where it is broken."""
    try:
        found, _ = _document(data, 0, 0)
    except (ValueError, struct.error, IndexError):
        return None
    return found


def _document(data: bytes, at: int, depth: int) -> tuple[Document, int]:
    (length,) = struct.unpack_from("<i", data, at)
    end = at + length
    if length < 5 or end > len(data) or depth > _DEEPEST:
        raise ValueError("no document")
    found: Document = {}
    at += 4
    while at < end - 1:
        kind = data[at]
        stop = data.index(b"\0", at + 1, end)
        name = data[at + 1 : stop].decode("utf-8", "replace")
        found[name], at = _value(kind, data, stop + 1, depth)
        if at > end - 1:
            raise ValueError("an element longer than its document")
    return found, end


def _value(kind: int, data: bytes, at: int, depth: int) -> tuple[Value, int]:
    if kind == 0x02:
        length = _length(data, at)
        return data[at + 4 : at + 3 + length].decode("utf-8", "replace"), at + 4 + length
    if kind == 0x03:
        return _document(data, at, depth + 1)
    if kind == 0x04:
        items, end = _document(data, at, depth + 1)
        return list(items.values()), end
    if kind == 0x05:
        length = _length(data, at)
        return data[at + 5 : at + 5 + length], at + 5 + length
    if kind == 0x08:
        return data[at] != 0, at + 1
    if kind in _NUMBERS:
        form = _NUMBERS[kind]
        (number,) = struct.unpack_from(form, data, at)
        return number, at + struct.calcsize(form)
    if kind in _SKIPPED:
        return None, at + _SKIPPED[kind]
    raise ValueError("a type that no server answers with")


def _length(data: bytes, at: int) -> int:
    (length,) = struct.unpack_from("<i", data, at)
    if not 0 <= length <= _MOST:
        raise ValueError("no length")
    return int(length)
