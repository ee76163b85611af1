"""BSON (bsonspec.org, version 1.1) as bytes: taken apart and put together, its values not read.

For what only passes through: nothing of a document is lost or changed that is not understood.
"""

from __future__ import annotations

import struct

from homeport.model.errors import BrokenMessage
from homeport.model.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

STRING, DOCUMENT, ARRAY, INT32, INT64 = 0x02, 0x03, 0x04, 0x10, 0x12

_OP_MSG = 2013
_SMALLEST = 5
LARGEST = 48_000_000
"""The longest message that MongoDB takes (maxMessageSizeBytes)."""

_FIXED = {0x01: 8, 0x06: 0, 0x07: 12, 0x08: 1, 0x09: 8, 0x0A: 0, INT32: 4, 0x11: 8, INT64: 8}
_FIXED |= {0x13: 16, 0x7F: 0, 0xFF: 0}
_AND_LENGTH = {STRING: 4, 0x05: 5, 0x0C: 16, 0x0D: 4, 0x0E: 4}
_WHOLE = frozenset({DOCUMENT, ARRAY, 0x0F})


class Element(NamedTuple):
    """One value of a document, as it stands there."""

    kind: int
    name: str
    value: bytes


def elements(document: bytes) -> Iterator[Element]:
    """The elements of a document. Raises BrokenMessage."""
    end = len(document) - 1
    if end < _SMALLEST - 1 or _length(document, 0) != len(document) or document[end] != 0:
        raise BrokenMessage("no BSON document")
    at = 4
    while at < end:
        kind, stop = document[at], _end_of_text(document, at + 1)
        after = stop + _size(kind, document, stop)
        if after > end:
            raise BrokenMessage("an element of BSON that is longer than its document")
        name = document[at + 1 : stop - 1].decode("utf-8", "surrogateescape")
        yield Element(kind, name, document[stop:after])
        at = after


def built(parts: Iterable[Element]) -> bytes:
    """The document of these elements."""
    body = b"".join(
        bytes([kind]) + name.encode("utf-8", "surrogateescape") + b"\0" + value
        for kind, name, value in parts
    )
    return struct.pack("<i", len(body) + _SMALLEST) + body + b"\0"


def text(name: str, value: str) -> Element:
    """An element with a text."""
    data = value.encode("utf-8", "surrogateescape") + b"\0"
    return Element(STRING, name, struct.pack("<i", len(data)) + data)


def text_of(element: Element) -> str:
    """The text of an element that has one, else nothing."""
    is_text = element.kind == STRING
    return element.value[4:-1].decode("utf-8", "surrogateescape") if is_text else ""


def found(document: bytes, *path: str) -> Element | None:
    """The element that a path of names leads to."""
    for element in elements(document):
        if element.name == path[0]:
            return found(element.value, *path[1:]) if len(path) > 1 else element
    return None


def message(number: int, command: bytes) -> bytes:
    """A command in an OP_MSG, as its only section."""
    head = struct.pack("<4i", 21 + len(command), number, 0, _OP_MSG)
    return head + struct.pack("<IB", 0, 0) + command


def answer_in(number: int, data: bytes) -> bytes:
    """The document in a whole OP_MSG, the answer to the command of that number.

    Raises BrokenMessage.
    """
    if len(data) < 21 + _SMALLEST:
        raise BrokenMessage("no answer of MongoDB")
    length, _, to, code = struct.unpack_from("<4i", data)
    if (length, to, code) != (len(data), number, _OP_MSG) or data[20] != 0:
        raise BrokenMessage("no answer of MongoDB to what was asked")
    return data[21:]


def _size(kind: int, data: bytes, at: int) -> int:
    if kind in _FIXED:
        return _FIXED[kind]
    if kind in _AND_LENGTH:
        return _AND_LENGTH[kind] + _length(data, at)
    if kind in _WHOLE:
        return max(_length(data, at), _SMALLEST)
    if kind == 0x0B:
        return _end_of_text(data, _end_of_text(data, at)) - at
    raise BrokenMessage(f"a type that BSON does not have: {kind:#x}")


def _length(data: bytes, at: int) -> int:
    length = int.from_bytes(data[at : at + 4], "little")
    if at + 4 > len(data) or length > LARGEST:
        raise BrokenMessage("a length in BSON that cannot be")
    return length


def _end_of_text(data: bytes, at: int) -> int:
    end = data.find(b"\0", at)
    if end < 0:
        raise BrokenMessage("a name in BSON that does not end")
    return end + 1
