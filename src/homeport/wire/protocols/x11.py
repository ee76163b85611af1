"""X11: a connection setup of a version that there is not, which every X server refuses.

The refusal has the server's own version, 11 (X Window System Protocol, "Connection Setup"). No
client comes about, whether the server wants an authorization or not. The displays of SSH's X11
forwarding (6010 and up) are not among the ports: what is said there arrives at another machine.

Yet a connection that ends is the end of a client to an X server, refused or not. With none left it
starts over and forgets what clients have set, or ends: measured with Xvfb 21.1.7, -terminate and an
atom that was gone. Whether others are there a command line does not tell. So only a server with
-noreset is asked, and TigerVNC's, whose default that is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.wire.command_line import program_name
from homeport.wire.greetings import quoted
from homeport.wire.protocols import Finding, Probe, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

_LITTLE_ENDIAN, _PAD = b"l", b"\x00"
_NO_VERSION = b"\xff\xff\x00\x00"
_NO_AUTHORIZATION = b"\x00" * 6
_SETUP = _LITTLE_ENDIAN + _PAD + _NO_VERSION + _NO_AUTHORIZATION
_FAILED = 0
_VERSION_11 = b"\x0b\x00"

_PROGRAMS = {
    "xorg": "X.Org",
    "x": "X.Org",
    "xvfb": "Xvfb",
    "xephyr": "Xephyr",
    "xnest": "Xnest",
    "xwayland": "Xwayland",
}


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


def _harm(argv: Sequence[str], port: int) -> str | None:  # noqa: ARG001  (it has no other port)
    """X servers read their options from left to right; -terminate makes them reset as well."""
    if program_name(argv).lower() not in _PROGRAMS:
        return None
    if "-noreset" in argv and "-terminate" not in argv:
        return None
    return "an X server without clients starts over, or ends, when a connection ends"


PROTOCOL = Protocol(
    name="x11",
    source="https://www.x.org/releases/X11R7.7/doc/xproto/x11protocol.html",
    ports=frozenset({6000, 6001, 6002}),
    programs=_PROGRAMS,
    probes=(Probe("an X11 setup of no known version", _SETUP, _refusal),),
    harm=_harm,
)
