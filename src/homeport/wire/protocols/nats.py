"""NATS: the server greets with INFO and a JSON object (NATS client protocol, "INFO").

Nothing is said: only CONNECT makes a client of a connection. The server logs it at debug level.
The object is searched, not parsed: it comes from whoever listens there, and may be nested without
end.
"""

from __future__ import annotations

import re

from homeport.wire.protocols import Finding, Protocol

_VERSION = re.compile(r"\"version\"[ \t]{0,9}:[ \t]{0,9}\"([\w.+-]{1,40})\"")
_SERVER_ID = '"server_id"'
_LONGEST = 16384  # hundreds of URLs of a cluster are among it


def _greeting(data: bytes) -> Finding | None:
    line, end, _ = data[:_LONGEST].partition(b"\r\n")
    text = line.decode("utf-8", "replace")
    word, _, told = text.partition(" ")
    if not end or word.upper() != "INFO" or not told.startswith("{") or _SERVER_ID not in told:
        return None
    found = _VERSION.search(told)
    if found is None:
        return Finding("nats", "INFO", "NATS")
    return Finding("nats", f"INFO, version {found[1]}", "NATS", found[1])


PROTOCOL = Protocol(
    name="nats",
    source="https://docs.nats.io/reference/reference-protocols/nats-protocol",
    ports=frozenset({4222}),
    programs={"nats-server": "NATS"},
    greeting=_greeting,
)
