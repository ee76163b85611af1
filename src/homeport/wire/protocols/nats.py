"""NATS: the server greets with INFO and a JSON object (NATS client protocol, "INFO").

Nothing is said: only CONNECT makes a client of a connection. The server logs it at debug level.
The object is searched, not parsed: it comes from whoever listens there, and may be nested without
end.
"""

from __future__ import annotations

import re

from homeport.wire.protocols import Finding, Protocol

_INFO = re.compile(rb"INFO[ \t]+\{[^\r\n]*\"server_id\"[^\r\n]*\}[ \t]*\r\n")
_VERSION = re.compile(rb"\"version\"[ \t]*:[ \t]*\"([\w.+-]{1,40})\"")
_LONGEST = 65536


def _greeting(data: bytes) -> Finding | None:
    found = _INFO.match(data[:_LONGEST])
    if found is None:
        return None
    version = _VERSION.search(found[0])
    if version is None:
        return Finding("nats", "INFO", "NATS")
    number = version[1].decode("ascii")
    return Finding("nats", f"INFO, version {number}", "NATS", number)


PROTOCOL = Protocol(
    name="nats",
    source="https://docs.nats.io/reference/reference-protocols/nats-protocol",
    ports=frozenset({4222}),
    programs={"nats-server": "NATS"},
    greeting=_greeting,
)
