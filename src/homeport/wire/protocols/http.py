"""HTTP/1.0 and HTTP/1.1: whatever answers a line of nonsense with a status line (RFC 9112, 4)."""

from __future__ import annotations

from homeport.wire.http1 import read_response
from homeport.wire.protocols import Finding, Protocol

_HEAD_END = (b"\r\n\r\n", b"\n\n")


def _refusal(data: bytes) -> Finding | None:
    """The refusal of the nonsense; only a whole head, for the products are told by its headers."""
    if not any(end in data for end in _HEAD_END):
        return None
    response = read_response(data)
    return None if response is None else Finding("http", response.line)


PROTOCOL = Protocol(
    name="http",
    source="RFC 9112",
    ports=frozenset({80, 443, 3000, 4200, 5000, 5173, 8000, 8080, 8443, 8888}),
    nonsense=_refusal,
    alpn=("http/1.1",),
)
