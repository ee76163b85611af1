"""HTTP/2 (RFC 9113): the first frame of a server is SETTINGS; to other words it says GOAWAY.

In the clear a server of HTTP/2 only speaks by prior knowledge (3.3); those of both versions are
found as HTTP/1.1. No request is made: a preface opens no stream, so no handler can run.
"""

from __future__ import annotations

from homeport.wire.http2 import GOAWAY, read_settings, says_goaway
from homeport.wire.protocols import Finding, Probe, Protocol

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_EMPTY_SETTINGS = bytes((0, 0, 0, 4, 0, 0, 0, 0, 0))
_GOAWAY_NO_ERROR = bytes((0, 0, 8, GOAWAY, 0, 0, 0, 0, 0)) + bytes(8)


def _first_frame(data: bytes) -> Finding | None:
    if read_settings(data) is not None:
        return Finding("http2", "a SETTINGS frame")
    if says_goaway(data):
        return Finding("http2", "a GOAWAY frame")
    return None


PROTOCOL = Protocol(
    name="http2",
    source="RFC 9113",
    greeting=_first_frame,
    nonsense=_first_frame,
    probes=(
        Probe("the preface of HTTP/2", _PREFACE + _EMPTY_SETTINGS, _first_frame, _GOAWAY_NO_ERROR),
    ),
    common=4,
    alpn=("h2",),
)
