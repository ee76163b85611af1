"""TLS, by what a server that waits for a ClientHello says to something else (RFC 8446, 5.1 and 6).

Most close without a word, and are found by the handshake that the conversation tries next.
"""

from __future__ import annotations

from homeport.wire.protocols import Finding, Protocol

_ALERT, _HANDSHAKE = 21, 22
_LEVELS = {1: "warning", 2: "fatal"}
_MOST = (1 << 14) + 256  # a record carries no more (RFC 5246, 6.2.3)
_SERVER_SPEAKS = {0, 2, 11}  # HelloRequest, ServerHello, Certificate


def _record(data: bytes) -> Finding | None:
    """A record of SSL 3.0 to TLS 1.3 that a server may begin with."""
    if len(data) < 6 or data[1] != 3 or data[2] > 4:
        return None
    length = int.from_bytes(data[3:5], "big")
    if data[0] == _ALERT and length == 2 and len(data) >= 7 and data[5] in _LEVELS:
        return Finding("tls", f"a TLS alert ({_LEVELS[data[5]]}, {data[6]})")
    if data[0] == _HANDSHAKE and 4 <= length <= _MOST and data[5] in _SERVER_SPEAKS:
        return Finding("tls", "a TLS handshake record")
    return None


PROTOCOL = Protocol(name="tls", source="RFC 8446", nonsense=_record)
