"""DNS over UDP: the question for `version.bind` in class CHAOS (RFC 4892), which no zone answers.

A refusal is an answer as well. It is not sent on to another server: class CHAOS belongs to the one
that is asked. dnsmasq logs it like any other query, where it logs queries.
"""

from __future__ import annotations

from homeport.model.endpoint import Transport
from homeport.wire.dns import PROGRAMS, QUERY, read_answer
from homeport.wire.greetings import quoted
from homeport.wire.protocols import Finding, Probe, Protocol


def _answer(data: bytes) -> Finding | None:
    answer = read_answer(data)
    if answer is None:
        return None
    told = quoted(f'"{answer.text}"') if answer.text else answer.code
    return Finding("dns", told, answer.product, answer.version)


PROTOCOL = Protocol(
    name="dns",
    source="RFC 1035, RFC 4892",
    ports=frozenset({53, 5335, 1053, 8600}),
    programs=PROGRAMS,
    probes=(Probe("the question for version.bind", QUERY, _answer),),
    transport=Transport.UDP,
)
