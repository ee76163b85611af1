"""The ports that developers meet, and who uses each one by default.

The source of an entry is the product's own documentation, the RFC, or the configuration file that
carries the default. What we are not sure of is left out; several products may share a port.
"""

from __future__ import annotations

from functools import lru_cache

from homeport.model.endpoint import Transport
from homeport.model.explanation import UsualPort
from homeport.see.explain import usual_ports_high, usual_ports_low


@lru_cache(maxsize=1)
def usual_ports() -> tuple[UsualPort, ...]:
    """Every entry, by port, transport and product."""
    return tuple(_parsed(line) for line in _lines())


def _lines() -> list[str]:
    return [*usual_ports_low.TABLE.splitlines(), *usual_ports_high.TABLE.splitlines()]


def usual_for(port: int) -> tuple[UsualPort, ...]:
    """The entries of one port, TCP before UDP."""
    return tuple(entry for entry in usual_ports() if entry.port == port)


def _parsed(line: str) -> UsualPort:
    place, product, purpose, source = (field.strip() for field in line.split("|"))
    number, _, transport = place.partition("/")
    return UsualPort(int(number), Transport(transport or "tcp"), product, purpose, source)
