"""X11: a connection setup of a version that there is not, which every X server refuses.

The refusal has the server's own version, 11 (X Window System Protocol, "Connection Setup"). No
client comes about, whether the server wants an authorization or not. The displays of SSH's X11
forwarding (6010 and up) are not among the ports: what is said there arrives at another machine.
"""

from __future__ import annotations

from homeport.wire.greetings import quoted
from homeport.wire.protocols import Finding, Probe, Protocol

_LITTLE_ENDIAN, _PAD = b"l", b"\x00"
_NO_VERSION = b"\xff\xff\x00\x00"
_NO_AUTHORIZATION = b"\x00" * 6
_SETUP = _LITTLE_ENDIAN + _PAD + _NO_VERSION + _NO_AUTHORIZATION
_FAILED = 0
_VERSION_11 = b"\x0b\x00"


def _refusal(data: bytes) -> Finding | None:
    """Failed, length of the reason, major and minor version, words that follow, the reason."""
    if len(data) < 8 or data[0] != _FAILED or data[2:4] != _VERSION_11:
        return None
    length, padded = data[1], 4 * int.from_bytes(data[6:8], "little")
    if not length <= padded < length + 4 or len(data) < 8 + padded:
        return None
    reason = data[8 : 8 + length].decode("latin-1").strip()
    if not reason.isprintable():
        return None
    return Finding("x11", quoted(f'X11 and "{reason}"') if reason else "X11")


PROTOCOL = Protocol(
    name="x11",
    source="https://www.x.org/releases/X11R7.7/doc/xproto/x11protocol.html",
    ports=frozenset({6000, 6001, 6002}),
    programs={
        "xorg": "X.Org",
        "xvfb": "Xvfb",
        "xephyr": "Xephyr",
        "xnest": "Xnest",
        "xwayland": "Xwayland",
    },
    probes=(Probe("an X11 setup of no known version", _SETUP, _refusal),),
)
