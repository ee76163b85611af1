"""DNS over TCP: as over UDP (`dns.py`), with two octets of length before it (RFC 1035, 4.2.2)."""

from __future__ import annotations

from homeport.wire.dns import PROGRAMS, QUERY, read_answer
from homeport.wire.greetings import quoted
from homeport.wire.protocols import Finding, Probe, Protocol


def _answer(data: bytes) -> Finding | None:
    length = int.from_bytes(data[:2], "big")
    answer = read_answer(data[2 : 2 + length]) if len(data) >= 2 + length else None
    if answer is None:
        return None
    told = quoted(f'"{answer.text}"') if answer.text else answer.code
    return Finding("dns", told, answer.product, answer.version)


PROTOCOL = Protocol(
    name="dns",
    source="RFC 1035, RFC 4892, RFC 7766",
    ports=frozenset({53, 5335, 1053, 8600}),
    programs=PROGRAMS,
    probes=(
        Probe("the question for version.bind", len(QUERY).to_bytes(2, "big") + QUERY, _answer),
    ),
)
