"""The requests of one connection, one after another: each head checked, each body measured.

Bytes go in, bytes to be forwarded come out; the backend reads the same boundaries in them. Nothing
is kept but an unfinished head, or an unfinished line of a chunked body.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import TYPE_CHECKING

from homeport.wire.http_request import MOST_BYTES, Head, Refused, read_head

if TYPE_CHECKING:
    from collections.abc import Callable

_LONGEST_SIZE_LINE = 18
_TRAILER = re.compile(rb"((?:[!#$%&'*+\-.^_`|~0-9A-Za-z]++:[^\x00-\x08\x0a-\x1f\x7f]*+\r\n)*+)\r\n")
_NO_TRAILERS = re.compile(rb"(?mi)^(?:host|content-length|transfer-encoding|connection|upgrade)[:]")
_MOST_TRAILER_BYTES = 1 << 13


class Part(Enum):
    """Where in a request the next byte belongs."""

    HEAD = auto()
    BODY = auto()
    CHUNK_SIZE = auto()
    CHUNK = auto()
    CHUNK_END = auto()
    TRAILER = auto()
    WAITING = auto()
    TUNNEL = auto()


class RequestStream:
    """Reads what a client sends. `check` sees each head, and gives the bytes to forward for it.

    `part` WAITING: the last request asked for another protocol; nothing is read until `switched`
    says what became of that. `heads` counts the requests. After `Refused` it is of no more use;
    `unrefused` is what came before in the same piece, and is still to be forwarded.
    """

    def __init__(self, check: Callable[[Head], bytes]) -> None:
        self._check = check
        self._rest = b""
        self._left_bytes = 0
        self.part: Part = Part.HEAD
        self.heads: int = 0
        self.unrefused: bytes = b""

    @property
    def unfinished(self) -> bool:
        """Whether a head has begun and is not whole."""
        return self.part is Part.HEAD and bool(self._rest)

    def feed(self, data: bytes) -> bytes:
        """What is to be forwarded of it now. Raises `Refused`."""
        if not self._rest and self.part is Part.HEAD and data[-4:] == b"\r\n\r\n":
            # Nearly always it is one request without a body, whole.
            head = read_head(data)
            if head is not None and len(head.raw) == len(data) and head.is_all:
                out = self._check(head)
                self.heads += 1
                return out
        return self._feed(data)

    def _feed(self, data: bytes) -> bytes:
        if self._rest:
            fresh, data = data, self._rest + data
            self._rest = b""
            if self.part is Part.HEAD and b"\n" not in fresh and len(data) <= MOST_BYTES:
                # A head that comes byte by byte is not to be read again with each of them.
                self._rest = data
                return b""
        if self.part is Part.TUNNEL:
            return data
        out: list[bytes] = []
        try:
            at = 0
            while at < len(data):
                used = self._step(data, at, out)
                if used is None:
                    break
                at += used
        except Refused:
            self.unrefused = b"".join(out)
            raise
        self._rest = data[at:] if at else data
        return out[0] if len(out) == 1 else b"".join(out)

    def switched(self, yes: bool) -> bytes:  # noqa: FBT001  (the answer to the one question)
        """The backend has taken the other protocol, or not; gives what is to be forwarded now."""
        self.part = Part.TUNNEL if yes else Part.HEAD
        rest, self._rest = self._rest, b""
        return self.feed(rest)

    def _step(self, data: bytes, at: int, out: list[bytes]) -> int | None:
        """Takes one part from `at` on; how much it took, None where it is not whole."""
        match self.part:
            case Part.HEAD:
                return self._head(data, at, out)
            case Part.BODY | Part.CHUNK:
                return self._measured(data, at, out)
            case Part.CHUNK_SIZE:
                return self._size(data, at, out)
            case Part.CHUNK_END:
                return self._chunk_end(data, at, out)
            case Part.TRAILER:
                return self._trailer(data, at, out)
            case _:
                return None

    def _head(self, data: bytes, at: int, out: list[bytes]) -> int | None:
        rest = data[at:] if at else data
        head = read_head(rest)
        if head is None:
            return None
        out.append(self._check(head))
        self.heads += 1
        if head.body_bytes is None:
            self.part = Part.CHUNK_SIZE
        elif head.body_bytes:
            self.part, self._left_bytes = Part.BODY, head.body_bytes
        if head.upgrade:
            if self.part is not Part.HEAD:
                raise Refused(400, "A request for another protocol has a body.")
            self.part = Part.WAITING
        return len(head.raw)

    def _measured(self, data: bytes, at: int, out: list[bytes]) -> int:
        piece = data[at : at + self._left_bytes]
        out.append(piece)
        self._left_bytes -= len(piece)
        if not self._left_bytes:
            self.part = Part.HEAD if self.part is Part.BODY else Part.CHUNK_END
        return len(piece)

    def _size(self, data: bytes, at: int, out: list[bytes]) -> int | None:
        line = data[at : at + _LONGEST_SIZE_LINE]
        found = re.match(rb"([0-9A-Fa-f]{1,15})\r\n", line)
        if found is None:
            if len(line) == _LONGEST_SIZE_LINE or not re.fullmatch(rb"[0-9A-Fa-f]{0,15}\r?", line):
                raise Refused(400, "The size of a chunk is no number, or has an extension.")
            return None
        out.append(found[0])
        self._left_bytes = int(found[1], 16)
        self.part = Part.CHUNK if self._left_bytes else Part.TRAILER
        return len(found[0])

    def _chunk_end(self, data: bytes, at: int, out: list[bytes]) -> int | None:
        end = data[at : at + 2]
        if not b"\r\n".startswith(end):
            raise Refused(400, "A chunk is longer than its size.")
        if len(end) < 2:
            return None
        out.append(end)
        self.part = Part.CHUNK_SIZE
        return 2

    def _trailer(self, data: bytes, at: int, out: list[bytes]) -> int | None:
        found = _TRAILER.match(data, at)
        if found is None:
            _check_trailer(data[at : at + _MOST_TRAILER_BYTES + 1])
            return None
        if _NO_TRAILERS.search(found[1]):
            raise Refused(400, "A field that says where requests end comes after the body.")
        out.append(found[0])
        self.part = Part.HEAD
        return len(found[0])


def _check_trailer(data: bytes) -> None:
    if len(data) > _MOST_TRAILER_BYTES or len(data) > MOST_BYTES:
        raise Refused(431, "The fields after the body are too large.")
    if b"\r\n\r\n" in data or re.search(rb"(?<!\r)\n", data):
        raise Refused(400, "The fields after the body are not of the form NAME: VALUE.")
