"""SOCKS5: the offer of methods, which the server answers with its choice (RFC 1928, 3).

Nothing is asked to be connected, so nothing leaves the machine.
"""

from __future__ import annotations

from homeport.wire.protocols import Finding, Probe, Protocol

_NONE, _GSSAPI, _PASSWORD, _NO_METHOD = 0, 1, 2, 0xFF
_OFFER = bytes([5, 2, _NONE, _PASSWORD])
_METHODS = {
    _NONE: "SOCKS5 without authentication",
    _PASSWORD: "SOCKS5 with a password",
    _NO_METHOD: "SOCKS5, none of the methods offered",
}


def _choice(data: bytes) -> Finding | None:
    """Version 5 and the method; whoever says more has not understood."""
    if len(data) != 2 or data[0] != 5 or data[1] not in _METHODS:
        return None
    return Finding("socks5", _METHODS[data[1]])


PROTOCOL = Protocol(
    name="socks5",
    source="RFC 1928",
    ports=frozenset({1080, 1081, 7890, 9050, 9150, 10808}),
    programs={
        "microsocks": "microsocks",
        "ssh": "OpenSSH",  # with -D; see ssh_forwarding
        "danted": "Dante",
        "sockd": "Dante",
        "tor": "Tor",
        "ss-local": "Shadowsocks",
    },
    probes=(Probe("an offer of SOCKS5 methods", _OFFER, _choice),),
    common=6,
)
