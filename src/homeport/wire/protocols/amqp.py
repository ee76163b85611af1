"""AMQP: to a header that it does not speak a server answers with the one it does, and closes.

So say AMQP 0-9-1, 4.2.2, and AMQP 1.0, 2.2. The line of nonsense is such a header, too. No
connection is opened and nobody logs in; RabbitMQ logs "bad_header". The header names no product:
what tells RabbitMQ would come after a valid header, and the Erlang machine that runs it
(`beam.smp`) runs many other things.
"""

from __future__ import annotations

from homeport.wire.protocols import Finding, Probe, Protocol

_WRONG_HEADER = b"AMQP\xff\xff\xff\xff"
_VERSIONS = {
    b"\x00\x00\x09\x01": "0-9-1",
    b"\x00\x00\x09\x00": "0-9",
    b"\x01\x01\x08\x00": "0-8",
    b"\x01\x01\x00\x09": "0-9",
    b"\x01\x01\x00\x0a": "0-10",
    b"\x00\x01\x00\x00": "1.0",
    b"\x02\x01\x00\x00": "1.0",  # TLS first
    b"\x03\x01\x00\x00": "1.0",  # SASL first
}


def _header(data: bytes) -> Finding | None:
    version = _VERSIONS.get(data[4:8]) if data[:4] == b"AMQP" else None
    return None if version is None else Finding("amqp", f"the header of AMQP {version}")


PROTOCOL = Protocol(
    name="amqp",
    source="https://www.rabbitmq.com/resources/specs/amqp0-9-1.pdf",
    ports=frozenset({5671, 5672}),
    programs={"rabbitmq-server": "RabbitMQ", "qpidd": "Apache Qpid"},
    nonsense=_header,
    probes=(Probe("a header of no AMQP version", _WRONG_HEADER, _header),),
    alpn=("amqp",),
)
