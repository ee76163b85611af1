"""MongoDB: whoever answers an OP_MSG that asks for `hello` (MongoDB Wire Protocol).

`hello` needs no login and makes no session. It tells no version, but the highest wire version that
the server speaks, which each series of releases has raised by one.
"""

from __future__ import annotations

import struct

from homeport.wire.protocols import Finding, Probe, Protocol

_OP_MSG = 2013
_REQUEST = int.from_bytes(b"Home", "little")
"""The server repeats the number of the request in its answer: nobody else would."""

_MOST = 48_000_000
_WIRE_VERSIONS = {
    6: "3.6.x",
    7: "4.0.x",
    8: "4.2.x",
    9: "4.4.x",
    13: "5.0.x",
    14: "5.1.x",
    15: "5.2.x",
    16: "5.3.x",
    17: "6.0.x",
    18: "6.1.x",
    19: "6.2.x",
    20: "6.3.x",
    21: "7.0.x",
    22: "7.1.x",
    23: "7.2.x",
    24: "7.3.x",
    25: "8.0.x",
}
"""MongoDB specifications, Server Wire version and Feature List."""

_AT_HTTP = b"It looks like you are trying to access MongoDB over HTTP"


def _command(name: bytes) -> bytes:
    """`{NAME: 1, $db: "admin"}` in BSON, as the only section of an OP_MSG."""
    elements = b"\x10" + name + b"\0" + struct.pack("<i", 1)
    elements += b"\x02$db\0" + struct.pack("<i", 6) + b"admin\0"
    document = struct.pack("<i", len(elements) + 5) + elements + b"\0"
    body = struct.pack("<IB", 0, 0) + document
    return struct.pack("<4i", 16 + len(body), _REQUEST, 0, _OP_MSG) + body


def _answer(data: bytes) -> Finding | None:
    if len(data) < 26:
        return None
    length, _, to, code = struct.unpack_from("<4i", data)
    if (to, code) != (_REQUEST, _OP_MSG) or not 26 <= length <= min(len(data), _MOST):
        return None
    wire = _int32(data[:length], b"maxWireVersion")
    if wire is None:
        return Finding("mongodb", "an OP_MSG", "MongoDB")
    return Finding("mongodb", f"maxWireVersion {wire}", "MongoDB", _WIRE_VERSIONS.get(wire))


def _int32(document: bytes, name: bytes) -> int | None:
    """The element of a BSON document: its type (16), its name, four bytes."""
    _, found, rest = document.partition(b"\x10" + name + b"\0")
    return int.from_bytes(rest[:4], "little", signed=True) if found and len(rest) >= 4 else None


def _at_http(data: bytes) -> Finding | None:
    """A GET is answered with 200, but nothing of what follows is HTTP."""
    return Finding("mongodb", "that it speaks no HTTP", "MongoDB") if _AT_HTTP in data else None


PROTOCOL = Protocol(
    name="mongodb",
    source="MongoDB Wire Protocol; MongoDB specifications: wireversion-featurelist",
    ports=frozenset({27017, 27018, 27019}),
    programs={"mongod": "MongoDB", "mongos": "MongoDB"},
    nonsense=_at_http,
    probes=(
        Probe("hello", _command(b"hello"), _answer, completes=True),
        # Before 4.4.2 there was no `hello`.
        Probe("isMaster", _command(b"isMaster"), _answer, completes=True),
    ),
    common=2,
)
