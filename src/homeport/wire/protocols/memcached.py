"""memcached: whoever answers `version` (memcached, doc/protocol.txt).

It touches no item and counts in no statistic but that of connections.
"""

from __future__ import annotations

import re

from homeport.wire.protocols import NONSENSE, Finding, Probe, Protocol

_VERSION = re.compile(rb"VERSION ([!-~]{1,64})\r\n")
_LOCKED = b"CLIENT_ERROR unauthenticated\r\n"
_ERRORS = b"ERROR\r\n" * NONSENSE.count(b"\n")


def _version(data: bytes) -> Finding | None:
    if data.startswith(_LOCKED):
        return Finding("memcached", "CLIENT_ERROR unauthenticated", "memcached")
    found = _VERSION.match(data)
    if found is None:
        return None
    version = found[1].decode("ascii")
    return Finding("memcached", f"VERSION {version}", "memcached", version)


def _nonsense(data: bytes) -> Finding | None:
    """Each line of nonsense is an ERROR of its own; a single one others may say, too."""
    if data == _ERRORS:
        return Finding("memcached", "ERROR to each line", "memcached")
    return None


PROTOCOL = Protocol(
    name="memcached",
    source="memcached, doc/protocol.txt",
    ports=frozenset({11211}),
    programs={"memcached": "memcached"},
    nonsense=_nonsense,
    probes=(Probe("version", b"version\r\n", _version, b"quit\r\n", completes=True),),
)
