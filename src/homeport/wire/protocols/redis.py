"""Redis, Valkey and others that speak RESP: asked HELLO, which tells both name and version.

HELLO without arguments (since Redis 6.2) changes nothing about the connection; before that there
was INFO. No line may begin with the word `POST` or `Host:`: Redis takes such for an attack that
came through a browser, says so in its log and hangs up.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from homeport.wire.protocols import Finding, Probe, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

_ERROR = re.compile(
    rb"-(?:NOAUTH |NOPERM |LOADING |BUSY |DENIED Redis |DENIED Valkey |ERR unknown command ['`]|"
    rb"ERR wrong number of arguments for 'hello'|ERR max number of clients )[^\r\n]{0,512}\r\n"
)
_UNASKED = (b"-DENIED ", b"-ERR max number of clients ")
_FIELD = rb"\$\d{1,3}\r\n%s\r\n\$\d{1,3}\r\n([!-~]{1,64})\r\n"
_SERVER, _VERSION, _DRAGONFLY = (
    re.compile(_FIELD % name) for name in (b"server", b"version", b"dfly_version")
)
_NAMES = {"redis": "Redis", "valkey": "Valkey", "keydb": "KeyDB"}
_INFO = re.compile(rb"(?:^|\n)(dragonfly|valkey|redis)_version:([!-~]{1,64})\r")
_TITLES = {b"dragonfly": "Dragonfly", b"valkey": "Valkey", b"redis": "Redis"}
_MOST = 1 << 14
_CLUSTER = re.compile(r":(\d{1,5}) \[cluster\]")
_TO_BUS = 10_000
"""How far the port of the cluster bus lies above that for clients (Redis Cluster Specification)."""


def _hello(data: bytes) -> Finding | None:
    """A map of names and values, in RESP2 an array: `server`, `version`, and more."""
    if data[:1] not in {b"*", b"%"}:
        return _error(data)
    server, version = _SERVER.search(data[:_MOST]), _VERSION.search(data[:_MOST])
    if server is None or version is None:
        return None
    name, number = server[1].decode(), version[1].decode()
    if dragonfly := _DRAGONFLY.search(data[:_MOST]):
        name, number = "Dragonfly", dragonfly[1].decode()
    return Finding("redis", f"{name} {number}", _NAMES.get(name, name), number)


def _info(data: bytes) -> Finding | None:
    """One string of lines. All others claim a `redis_version` too, and name their own beside it."""
    head, _, text = data.partition(b"\r\n")
    if head[:1] != b"$":
        return _error(data)
    length = int(head[1:]) if head[1:].isdigit() and len(head) < 8 else None
    if length is None or len(text) < length:
        return None
    versions: dict[bytes, bytes] = dict(_INFO.findall(text[:_MOST]))
    for own, title in _TITLES.items():
        if own in versions:
            number = versions[own].decode()
            return Finding("redis", f"{own.decode()}_version:{number}", title, number)
    return None


def _error(data: bytes) -> Finding | None:
    found = _ERROR.match(data)
    # An unknown command is quoted as it came, whatever bytes that were.
    text = found[0][:60].decode("latin-1") if found else ""
    return Finding("redis", "".join(filter(str.isprintable, text)).strip()) if text else None


def _unasked(data: bytes) -> Finding | None:
    """What a server says before it hangs up: protected mode, or no connection left."""
    return _error(data) if data.startswith(_UNASKED) else None


def _harm(argv: Sequence[str], port: int) -> str | None:
    """The title of a process of a cluster ends in `ADDRESS:PORT [cluster]`."""
    found = _CLUSTER.search(" ".join(argv)[:1000])
    if found is None or port != int(found[1]) + _TO_BUS:
        return None
    return "only its like may speak to a cluster bus, it logs whatever else comes"


PROTOCOL = Protocol(
    name="redis",
    source="Redis serialization protocol specification; HELLO, INFO; Valkey's and Dragonfly's",
    ports=frozenset({6379, 6380, 26379}),
    programs={
        "redis-server": "Redis",
        "redis-sentinel": "Redis",
        "valkey-server": "Valkey",
        "valkey-sentinel": "Valkey",
        "keydb-server": "KeyDB",
        "dragonfly": "Dragonfly",
    },
    greeting=_unasked,
    nonsense=_error,
    probes=(
        Probe("HELLO", b"HELLO\r\n", _hello, completes=True),
        Probe("INFO", b"INFO server\r\n", _info, completes=True),
    ),
    harm=_harm,
)
