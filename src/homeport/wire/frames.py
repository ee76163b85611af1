"""Ethernet frames with a TCP SYN, or a SYN-ACK, to be shown to a filter and sent to nobody.

RFC 791, 8200, 9293. Checksums are left 0: filters of packets do not look at them.
"""

from __future__ import annotations

import struct
from ipaddress import ip_address

_SYN, _SYN_ACK, _TCP, _TTL = 0x02, 0x12, 6, 64
_MACS = bytes(12)


def syn(source: tuple[str, int], target: tuple[str, int], *, answers: bool = False) -> bytes:
    """The first segment of a connection between two addresses of one family, or its answer."""
    ports = source[1], target[1]
    flags = _SYN_ACK if answers else _SYN
    segment = struct.pack(">HHIIBBHHH", *ports, 0, 0, 5 << 4, flags, 65535, 0, 0)
    here, there = ip_address(source[0]), ip_address(target[0])
    if here.version == 6:
        head = struct.pack(">IHBB", 6 << 28, len(segment), _TCP, _TTL)
        return _MACS + b"\x86\xdd" + head + here.packed + there.packed + segment
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(segment), 0, 0, _TTL, _TCP, 0)
    return _MACS + b"\x08\x00" + head + here.packed + there.packed + segment
