"""AMQP: the header that a client begins with, to which a server says who it is (0-9-1, 4.2.2).

`connection.start` names product and version; nobody has logged in, and no connection is open before
a client answers it. A server of another version answers with its own header and closes (AMQP 1.0,
2.2), and so does one that hears nonsense. Measured with RabbitMQ 3.10.8: the valid header leaves a
warning in its log, "client unexpectedly closed", a wrong one an error.
"""

from __future__ import annotations

from homeport.wire.amqp import HEADER, read_start
from homeport.wire.greetings import quoted
from homeport.wire.protocols import Finding, Probe, Protocol

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


def _answer(data: bytes) -> Finding | None:
    start = read_start(data)
    if start is None:
        return _header(data)
    product, version = _shown(start.product), _shown(start.version)
    told = " ".join(each for each in ("connection.start", product, version) if each)
    return Finding("amqp", told, product, version)


def _shown(text: str | None) -> str | None:
    return quoted(text) if text and text.isprintable() else None


PROTOCOL = Protocol(
    name="amqp",
    source="https://www.rabbitmq.com/resources/specs/amqp0-9-1.pdf",
    ports=frozenset({5671, 5672}),
    programs={"rabbitmq-server": "RabbitMQ", "qpidd": "Apache Qpid", "lavinmq": "LavinMQ"},
    nonsense=_header,
    probes=(Probe("an AMQP 0-9-1 header", HEADER, _answer, completes=True),),
    alpn=("amqp",),
)
