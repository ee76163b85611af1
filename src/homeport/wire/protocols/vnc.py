"""VNC: the server greets with the version of RFB that it speaks (RFC 6143, 7.1.1).

Nothing is answered: the version of the client would begin the handshake. x11vnc 0.9.16 greets after
some 250 ms, and closes on nonsense before that: a suspect is met with silence. It ends with its
first client, but takes nobody for one who has not said ClientInit.

TigerVNC is left alone, for it counts each connection that does not log in: measured with 1.12, the
sixth is turned away with "Too many security failures", and so is its user for ten seconds and more.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from homeport.wire.command_line import port_of, program_name, values_of
from homeport.wire.protocols import Finding, Probe, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

_VERSION = re.compile(rb"RFB (\d{3})\.(\d{3})\n")
_FIRST_PORT = 5900
_DISPLAY = re.compile(r":(\d{1,4})(?:\.\d+)?")
_COUNTING = {"xtigervnc", "xvnc", "x0tigervncserver", "x0vncserver"}


def _greeting(data: bytes) -> Finding | None:
    found = _VERSION.match(data)
    return None if found is None else Finding("vnc", f"RFB {int(found[1])}.{int(found[2])}")


def _harm(argv: Sequence[str], port: int) -> str | None:
    if program_name(argv).lower() not in _COUNTING or port not in _ports(argv):
        return None
    return "it locks its user out after a few connections that do not log in"


def _ports(argv: Sequence[str]) -> set[int | None]:
    """Where RFB is spoken: an X server listens for X clients, too, and they do no harm."""
    given = {port_of(each) for each in values_of(argv, "-rfbport", "--rfbport", "rfbport")}
    if given:
        return given
    shown = [found for found in map(_DISPLAY.fullmatch, argv[1:]) if found is not None]
    return {_FIRST_PORT + int(found[1]) for found in shown} or {_FIRST_PORT}


PROTOCOL = Protocol(
    name="vnc",
    source="RFC 6143",
    ports=frozenset({5900, 5901, 5902}),
    programs={"xtigervnc": "TigerVNC", "x11vnc": "x11vnc", "wayvnc": "wayvnc"},
    greeting=_greeting,
    probes=(Probe("silence", b"", _greeting),),
    harm=_harm,
)
