"""RDP: the X.224 connection request that everything begins with ([MS-RDPBCGR] 2.2.1.1).

Its confirmation says which security the server wants; nobody has logged in yet, and the connection
is closed.
"""

from __future__ import annotations

from homeport.wire.protocols import Finding, Probe, Protocol

_TLS_OR_CREDSSP = b"\x03\x00\x00\x00"
_NEGOTIATION = b"\x01\x00\x08\x00" + _TLS_OR_CREDSSP
_REQUEST = b"\x0e\xe0\x00\x00\x00\x00\x00" + _NEGOTIATION
_TPKT = b"\x03\x00" + (4 + len(_REQUEST)).to_bytes(2, "big")

_CONFIRM = 0xD0
_CHOSEN, _REFUSED = 2, 3
_SECURITY = {0: "standard RDP security", 1: "TLS", 2: "CredSSP", 4: "RDSTLS", 8: "CredSSP"}


def _confirmation(data: bytes) -> Finding | None:
    """TPKT (version 3, length), X.224 CC (length, code, references, class), negotiation."""
    length = int.from_bytes(data[2:4], "big")
    if data[:2] != b"\x03\x00" or length not in (11, 19) or len(data) < length:
        return None
    if data[4] != length - 5 or data[5] != _CONFIRM or data[10] != 0:
        return None
    if length == 11:
        return Finding("rdp", _SECURITY[0])
    return _negotiated(data[11:19])


def _negotiated(response: bytes) -> Finding | None:
    kind, number = response[0], int.from_bytes(response[4:8], "little")
    if response[2:4] != b"\x08\x00":
        return None
    if kind == _REFUSED:
        return Finding("rdp", f"a refusal of the security offered ({number})")
    security = _SECURITY.get(number)
    return Finding("rdp", security) if kind == _CHOSEN and security else None


PROTOCOL = Protocol(
    name="rdp",
    source="[MS-RDPBCGR]",
    ports=frozenset({3389, 3390}),
    programs={"xrdp": "xrdp", "gnome-remote-desktop-daemon": "GNOME Remote Desktop"},
    probes=(Probe("an X.224 connection request", _TPKT + _REQUEST, _confirmation),),
)
