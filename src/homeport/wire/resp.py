"""RESP2 (Redis serialization protocol specification): commands, and the replies to them.

Only what a client meets here is read: simple strings, errors, integers and bulk strings.
"""

from __future__ import annotations

from homeport.model.record import NamedTuple

_MOST_LINE = 4096
_MOST_BULK = 1 << 17


class Reply(NamedTuple):
    """One reply: its kind, the first byte, and its text; None for the null bulk string."""

    kind: bytes
    text: str | None

    @property
    def error(self) -> tuple[str, str] | None:
        """The first word of an error, and the rest."""
        if self.kind != b"-" or self.text is None:
            return None
        code, _, text = self.text.partition(" ")
        return code, text


def command(*words: str) -> bytes:
    """A command, as an array of bulk strings: whatever is in them, it stays one command."""
    encoded = [word.encode("utf-8", "replace") for word in words]
    parts = [b"$%d\r\n%s\r\n" % (len(each), each) for each in encoded]
    return b"*%d\r\n" % len(parts) + b"".join(parts)


def read_replies(data: bytes) -> tuple[Reply, ...] | None:
    """All whole replies from the beginning on; None where that is not RESP."""
    found: list[Reply] = []
    at = 0
    while at < len(data):
        end = data.find(b"\r\n", at, at + _MOST_LINE)
        if data[at : at + 1] not in b"+-:$":
            return tuple(found) if found else None
        if end < 0:
            break
        kind, line = data[at : at + 1], data[at + 1 : end]
        at = end + 2
        if kind != b"$":
            found.append(Reply(kind, line.decode("utf-8", "replace")))
            continue
        length = _length(line)
        if length is None:
            return tuple(found) if found else None
        if length < 0:
            found.append(Reply(kind, None))
            continue
        if len(data) < at + length + 2:
            break
        found.append(Reply(kind, data[at : at + length].decode("utf-8", "replace")))
        at += length + 2
    return tuple(found)


def _length(line: bytes) -> int | None:
    digits = line.removeprefix(b"-")
    if not digits.isdigit() or len(digits) > 7:
        return None
    length = int(line)
    return length if -1 <= length <= _MOST_BULK else None


def are_whole(data: bytes, count: int) -> bool:
    """Whether so many replies are there, or something that is none."""
    found = read_replies(data)
    return found is None or len(found) >= count


def fields(info: str) -> dict[str, str]:
    """The lines `name:value` of INFO."""
    pairs = (line.partition(":") for line in info.splitlines())
    return {name: value for name, colon, value in pairs if colon}
