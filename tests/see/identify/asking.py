"""Asks real servers what they speak, for the tests of protocols and products."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport import identify, snapshot

if TYPE_CHECKING:
    from homeport import Identity


def identity_at(port: int, transport: str = "tcp") -> Identity | None:
    """What the one listener on a port of this machine speaks, as the library finds out."""
    found = [
        each
        for each in snapshot(connections=False).listeners
        if each.endpoint.port == port and each.endpoint.transport == transport
    ]
    assert found, f"nobody listens on {port}"
    return identify(found[0])
