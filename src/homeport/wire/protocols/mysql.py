"""MySQL, MariaDB and what is made from them: the server greets, and names its version.

The greeting is the Initial Handshake Packet, protocol version 10 (MySQL Internals, Connection
Phase), or an error where no connection is free or the host is barred. Whoever leaves then is one
of the server's `Aborted_connects`, and a warning in the log of MariaDB; no farewell changes that.
"""

from __future__ import annotations

import re

from homeport.wire.protocols import Finding, Protocol

_VERSION = re.compile(r"(?:5\.5\.5-)?(\d+\.\d+\.\d+)")
"""MariaDB puts `5.5.5-` before its own, for replicas that would not believe in a version 10."""

_MADE_FROM = (
    (re.compile(r"MariaDB"), "MariaDB"),
    (re.compile(r"TiDB-v(\d+\.\d+\.\d+)"), "TiDB"),
    (re.compile(r"Vitess"), "Vitess"),
)
_ERROR = re.compile(rb"(?:#[0-9A-Z]{5})?([ -~]{8,256})")
_X_HELLO = bytes.fromhex("05000000 0b 0805")
"""The X Protocol (port 33060): a Notice (11) of type SERVER_HELLO (5), framed by its length."""


def _greeting(data: bytes) -> Finding | None:
    if data.startswith(_X_HELLO):
        return Finding("mysql", "the hello of the X Protocol")
    length = int.from_bytes(data[:3], "little")
    payload = data[4 : 4 + length]
    # Byte 3 counts the packets: nobody has spoken before.
    if data[3:4] != b"\0" or len(payload) < length or length > 1024:
        return None
    return _handshake(payload) or _error(payload)


def _handshake(payload: bytes) -> Finding | None:
    version, ended, rest = payload[1:].partition(b"\0")
    # A thread id of four bytes, eight of salt, a zero, and the capabilities.
    if payload[:1] != b"\x0a" or not ended or len(rest) < 15 or rest[12] != 0:
        return None
    text = version.decode("latin-1")
    number = _VERSION.match(text)
    if number is None or not text.isprintable():
        return None
    for pattern, product in _MADE_FROM:
        if found := pattern.search(text):
            own = found[1] if pattern.groups else number[1]
            return Finding("mysql", f"version {text[:60]}", product, own)
    return Finding("mysql", f"version {text[:60]}", "MySQL", number[1])


def _error(payload: bytes) -> Finding | None:
    """An ERR_Packet instead: 1040 too many connections, 1129 and 1130 a host that is not wanted."""
    code = int.from_bytes(payload[1:3], "little")
    words = _ERROR.fullmatch(payload[3:])
    if payload[:1] != b"\xff" or not 1000 <= code < 5000 or words is None:
        return None
    text = words[1].decode("ascii")
    named = {"mariadb": "MariaDB", "mysql server": "MySQL"}
    product = next((named[each] for each in named if each in text.lower()), None)
    return Finding("mysql", f"error {code}, {text[:80]!r}", product)


PROTOCOL = Protocol(
    name="mysql",
    source="MySQL Internals: Connection Phase; X Protocol; MariaDB documentation: Connection",
    ports=frozenset({3306, 33060}),
    programs={"mysqld": "MySQL", "mariadbd": "MariaDB"},
    greeting=_greeting,
    nonsense=_greeting,
)
