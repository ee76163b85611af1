"""Frames of HTTP/2 (RFC 9113, 4.1), as far as a server's first one goes: bytes in, facts out."""

from __future__ import annotations

from struct import iter_unpack

SETTINGS, GOAWAY = 4, 7
_HEADER = 9
_MOST_SETTINGS = 64
_ENABLE_PUSH, _MAX_FRAME_SIZE = 2, 5


def read_settings(data: bytes) -> dict[int, int] | None:
    """The parameters of the SETTINGS frame that the bytes begin with; None for anything else."""
    length = _on_connection(data, SETTINGS)
    if length is None or length % 6 or length > 6 * _MOST_SETTINGS:
        return None
    told = dict(iter_unpack(">HI", data[_HEADER : _HEADER + length]))
    return told if _allowed(told) else None


def says_goaway(data: bytes) -> bool:
    """Whether the bytes begin with a GOAWAY frame."""
    length = _on_connection(data, GOAWAY)
    return length is not None and length >= 8


def _on_connection(data: bytes, kind: int) -> int | None:
    """The length of a whole frame of a kind, without flags, on stream 0."""
    length = int.from_bytes(data[:3], "big")
    if len(data) < _HEADER + length or data[3:_HEADER] != bytes((kind, 0, 0, 0, 0, 0)):
        return None
    return length


def _allowed(settings: dict[int, int]) -> bool:
    """Whether the values are within the bounds of 6.5.2."""
    return settings.get(_ENABLE_PUSH, 0) <= 1 and (
        1 << 14 <= settings.get(_MAX_FRAME_SIZE, 1 << 14) < 1 << 24
    )
