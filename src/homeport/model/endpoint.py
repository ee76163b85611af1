"""Endpoints: transport, address and port, and what a socket bound to one gets."""

from __future__ import annotations

from enum import StrEnum

from homeport.model.address import is_ipv6, unmapped
from homeport.model.record import NamedTuple


class Transport(StrEnum):
    """What carries the bytes."""

    TCP = "tcp"
    UDP = "udp"
    MPTCP = "mptcp"
    UNIX = "unix"


class Endpoint(NamedTuple):
    """Transport, address and port: `tcp 127.0.0.1:62893`.

    `address` is the text that inet_ntop gives, without a zone; `interface` is the device that the
    socket is bound to, or the zone of a link-local address (RFC 4007).
    """

    transport: Transport
    address: str
    port: int
    interface: str | None = None

    def __str__(self) -> str:
        """Address and port, as they go into a URL: `[fe80::1%eth0]:80`."""
        return f"{bracketed(self.address, self.interface)}:{self.port}"


def bracketed(address: str, interface: str | None = None) -> str:
    """An address as it stands before `:port`: IPv6 in brackets (RFC 3986, 3.2.2)."""
    zoned = f"{address}%{interface}" if interface else address
    return f"[{zoned}]" if is_ipv6(address) else zoned


def reaches(bound: str, address: str, *, v6only: bool = False) -> bool:
    """Whether a socket bound to `bound` gets what is sent to `address`.

    The IPv4 wildcard takes every IPv4 address; the IPv6 one every IPv6 address and, unless
    `v6only` (RFC 3493, 5.3), every IPv4 one too. An IPv4-mapped address is the IPv4 one within it.
    """
    bound, address = unmapped(bound), unmapped(address)
    if bound == address:
        return True
    if bound == "::":
        return is_ipv6(address) or not v6only
    return bound == "0.0.0.0" and not is_ipv6(address)
