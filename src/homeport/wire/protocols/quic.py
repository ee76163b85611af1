"""QUIC (RFC 9000): to a version that it does not know, a server answers with those that it does.

The answer, a Version Negotiation packet (17.2.1), makes no connection and keeps no state. It proves
QUIC, not what is spoken within: for HTTP/3 or DNS the port or the program has to speak.
"""

from __future__ import annotations

from struct import iter_unpack

from homeport.model.endpoint import Transport
from homeport.wire.protocols import Finding, Probe, Protocol

_OURS, _THEIRS = b"homeport", b"identify"
_RESERVED = bytes.fromhex("0a1a2a3a")  # a version of the form 0x?a?a?a?a is nobody's (15)
_LONG_HEADER = b"\xc0" + _RESERVED + b"\x08" + _THEIRS + b"\x08" + _OURS
_LEAST = 1200  # a server answers to no smaller datagram (14.1)
_ANSWER_IDS = b"\x08" + _OURS + b"\x08" + _THEIRS
_VERSIONS_AT = 5 + len(_ANSWER_IDS)
_NAMES = {1: "1", 0x6B3343CF: "2"}


def _negotiation(data: bytes) -> Finding | None:
    """A Version Negotiation packet for our connection, and the versions in it."""
    if len(data) < _VERSIONS_AT + 4 or not data[0] & 0x80 or data[1:5] != bytes(4):
        return None
    if data[5:_VERSIONS_AT] != _ANSWER_IDS or (len(data) - _VERSIONS_AT) % 4:
        return None
    versions = [each for (each,) in iter_unpack(">I", data[_VERSIONS_AT:])]
    known = ", ".join(_NAMES[each] for each in sorted(set(versions)) if each in _NAMES)
    return Finding("quic", f"version negotiation ({known})" if known else "version negotiation")


PROTOCOL = Protocol(
    name="quic",
    source="RFC 9000, 6",
    ports=frozenset({443, 853, 4433, 8443}),
    programs={"caddy": "Caddy", "h2o": "H2O", "hypercorn": "Hypercorn"},
    probes=(Probe("an unknown version of QUIC", _LONG_HEADER.ljust(_LEAST, b"\0"), _negotiation),),
    transport=Transport.UDP,
)
