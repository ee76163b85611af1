"""In which order ports are tried. Pure: the same question gets the same answer on every machine.

Named leases begin at a place that their key decides, in the lower part of the range; leases
without a name begin in the upper part, so that they seldom sit where a named one is at home.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from homeport.model.endpoint import Transport
    from homeport.model.lease import LeaseKey
    from homeport.model.port import PortRange

_ANONYMOUS_SHARE = 5


def size(span: PortRange) -> int:
    """How many ports a range has."""
    return span.last - span.first + 1


def digest(key: LeaseKey, transport: Transport) -> str:
    """What stands for a key, as a name that any file may have."""
    from hashlib import sha256

    text = f"{transport}\0{key.root}\0{key.name}"
    return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def home(of: str, span: PortRange) -> int:
    """The port at which a key, by its digest, is at home."""
    return span.first + int(of, 16) % (size(span) - anonymous_ports(span))


def anonymous_ports(span: PortRange) -> int:
    """How many ports at the end of a range are first tried for leases without a name."""
    return size(span) // _ANONYMOUS_SHARE


def named_order(of: str, span: PortRange, remembered: int | None) -> Iterator[int]:
    """All ports: the remembered one, then from the key's home on, the others at last."""
    if remembered is not None and remembered in span:
        yield remembered
    start = home(of, span) - span.first
    for step in range(size(span)):
        port = span.first + (start + step) % size(span)
        if port != remembered:
            yield port


def anonymous_order(span: PortRange, turn: int) -> Iterator[int]:
    """All ports: the upper part from its `turn`-th on, then the lower one, downward."""
    upper = anonymous_ports(span) or size(span)
    first = span.last - upper + 1
    for step in range(upper):
        yield first + (turn + step) % upper
    yield from range(first - 1, span.first - 1, -1)
