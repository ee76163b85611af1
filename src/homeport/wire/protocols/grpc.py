"""gRPC, where its own SETTINGS parameter gives it away; otherwise it is HTTP/2 like any other.

The servers of gRPC Core (C++, Python, Ruby, PHP, Objective-C) send, at once and unasked, SETTINGS
with the parameter 0xfe03, GRPC_ALLOW_TRUE_BINARY_METADATA. Those of Go and Java do not: to tell
them apart from HTTP/2 would take a request, which their interceptors see.
"""

from __future__ import annotations

from homeport.wire.http2 import read_settings
from homeport.wire.protocols import Finding, Protocol

_TRUE_BINARY_METADATA = 0xFE03


def _settings(data: bytes) -> Finding | None:
    if _TRUE_BINARY_METADATA not in (read_settings(data) or ()):
        return None
    return Finding("grpc", "a SETTINGS frame with gRPC's own parameter", "gRPC Core")


PROTOCOL = Protocol(
    name="grpc",
    source="https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md",
    greeting=_settings,
    nonsense=_settings,
)
