"""One JSON object a line, in both directions: how Homeport's own processes speak to each other.

Bytes come in pieces of any size; a line that is too long, or no object, ends the conversation.
"""

from __future__ import annotations

from homeport.model.errors import BrokenMessage

LONGEST_LINE_BYTES = 1 << 20


class LineDecoder:
    """Makes messages of the bytes that come; `limit_bytes` is the longest line."""

    def __init__(self, limit_bytes: int = LONGEST_LINE_BYTES) -> None:
        self._limit_bytes = limit_bytes
        self._rest = bytearray()
        self._looked_bytes = 0

    def feed(self, data: bytes) -> list[dict[str, object]]:
        """The messages that these bytes complete. Raises `BrokenMessage`; then nothing is left."""
        self._rest += data
        # The part that was looked through before holds no end of line.
        if self._rest.find(b"\n", self._looked_bytes) < 0:
            self._looked_bytes = len(self._rest)
            self._check_length(self._looked_bytes)
            return []
        *lines, rest = self._rest.split(b"\n")
        self._rest, self._looked_bytes = rest, len(rest)
        self._check_length(max(map(len, [*lines, rest])))
        return [_decoded(line) for line in lines]

    def _check_length(self, length: int) -> None:
        if length > self._limit_bytes:
            self._rest.clear()
            raise BrokenMessage(f"a message is longer than {self._limit_bytes} bytes")


def encode(message: dict[str, object], limit_bytes: int = LONGEST_LINE_BYTES) -> bytes:
    """A message as it is sent. Raises `BrokenMessage` where nobody would take it."""
    import json

    line = json.dumps(message, separators=(",", ":")).encode("ascii")
    if len(line) > limit_bytes:
        raise BrokenMessage(
            f"a message is longer than {limit_bytes} bytes", why=f"it has {len(line)}"
        )
    return line + b"\n"


def _decoded(line: bytes | bytearray) -> dict[str, object]:
    import json

    try:
        message = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BrokenMessage("a message is no JSON", why=str(error)) from None
    if not isinstance(message, dict):
        raise BrokenMessage("a message is no JSON object")
    return message
