"""Kafka: ApiVersions, version 0, the one request that every broker answers before anybody logs in.

The answer lists the requests that it knows (Kafka protocol, "ApiVersions API"). It must name
ApiVersions itself, number 18: the correlation id alone could be an echo.
"""

from __future__ import annotations

from homeport.wire.protocols import Finding, Probe, Protocol

_API_VERSIONS = 18
_CORRELATION = b"Hp\x00\x01"
_NO_CLIENT_ID = b"\xff\xff"
_BODY = _API_VERSIONS.to_bytes(2, "big") + b"\x00\x00" + _CORRELATION + _NO_CLIENT_ID
_ENTRY = 6
_MOST_ENTRIES = 1000


def _answer(data: bytes) -> Finding | None:
    """Length, correlation id, error code, and an array of: key, lowest and highest version."""
    size, count = int.from_bytes(data[:4], "big"), int.from_bytes(data[10:14], "big")
    if data[4:8] != _CORRELATION or not 0 < count <= _MOST_ENTRIES:
        return None
    if size != 10 + count * _ENTRY or len(data) < size + 4:
        return None
    entries = (data[at : at + 2] for at in range(14, 14 + count * _ENTRY, _ENTRY))
    if _API_VERSIONS not in (int.from_bytes(each, "big") for each in entries):
        return None
    return Finding("kafka", f"ApiVersions, {count} kinds of requests")


PROTOCOL = Protocol(
    name="kafka",
    source="https://kafka.apache.org/protocol",
    ports=frozenset({9092, 9093, 9094, 19092, 29092}),
    programs={"java kafka": "Apache Kafka", "redpanda": "Redpanda", "tansu": "Tansu"},
    probes=(Probe("ApiVersions", len(_BODY).to_bytes(4, "big") + _BODY, _answer),),
    common=5,
)
