"""IP addresses: what each block means (RFC 6890 and what came after it) and how far it reaches."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache

from homeport.model.errors import BadInput
from homeport.model.port import shortened
from homeport.model.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

# ipaddress is imported where it is needed: the addresses of nearly every listener are answered
# without it, and it costs 2 ms at start-up.


class Scope(StrEnum):
    """How far an address reaches."""

    LOOPBACK = "loopback"
    LINK_LOCAL = "link-local"
    PRIVATE = "private"
    GLOBAL = "global"
    UNSPECIFIED = "unspecified"
    MULTICAST = "multicast"
    RESERVED = "reserved"


class AddressBlock(NamedTuple):
    """A block of the special-purpose registries: its prefix, name, source and scope."""

    prefix: str
    name: str
    source: str
    scope: Scope


_OBVIOUS = {
    "0.0.0.0": Scope.UNSPECIFIED,
    "::": Scope.UNSPECIFIED,
    "127.0.0.1": Scope.LOOPBACK,
    "::1": Scope.LOOPBACK,
}

BLOCKS = (
    AddressBlock("0.0.0.0/32", "this host on this network", "RFC 1122, 3.2.1.3", Scope.UNSPECIFIED),
    AddressBlock("0.0.0.0/8", "this network", "RFC 791, 3.2", Scope.RESERVED),
    AddressBlock("10.0.0.0/8", "private use", "RFC 1918", Scope.PRIVATE),
    AddressBlock("100.64.0.0/10", "shared address space", "RFC 6598", Scope.PRIVATE),
    AddressBlock("127.0.0.0/8", "loopback", "RFC 1122, 3.2.1.3", Scope.LOOPBACK),
    AddressBlock("169.254.0.0/16", "link-local", "RFC 3927", Scope.LINK_LOCAL),
    AddressBlock("172.16.0.0/12", "private use", "RFC 1918", Scope.PRIVATE),
    AddressBlock("192.0.0.0/24", "IETF protocol assignments", "RFC 6890, 2.1", Scope.RESERVED),
    AddressBlock("192.0.2.0/24", "documentation (TEST-NET-1)", "RFC 5737", Scope.RESERVED),
    AddressBlock("192.168.0.0/16", "private use", "RFC 1918", Scope.PRIVATE),
    AddressBlock("198.18.0.0/15", "benchmarking", "RFC 2544", Scope.PRIVATE),
    AddressBlock("198.51.100.0/24", "documentation (TEST-NET-2)", "RFC 5737", Scope.RESERVED),
    AddressBlock("203.0.113.0/24", "documentation (TEST-NET-3)", "RFC 5737", Scope.RESERVED),
    AddressBlock("224.0.0.0/4", "multicast", "RFC 1112", Scope.MULTICAST),
    AddressBlock("240.0.0.0/4", "reserved", "RFC 1112, 4", Scope.RESERVED),
    AddressBlock("255.255.255.255/32", "limited broadcast", "RFC 919, 7", Scope.LINK_LOCAL),
    AddressBlock("::/128", "unspecified address", "RFC 4291, 2.5.2", Scope.UNSPECIFIED),
    AddressBlock("::1/128", "loopback address", "RFC 4291, 2.5.3", Scope.LOOPBACK),
    AddressBlock("64:ff9b::/96", "IPv4-IPv6 translation", "RFC 6052", Scope.GLOBAL),
    AddressBlock("64:ff9b:1::/48", "local IPv4-IPv6 translation", "RFC 8215", Scope.PRIVATE),
    AddressBlock("100::/64", "discard only", "RFC 6666", Scope.RESERVED),
    AddressBlock("2001::/23", "IETF protocol assignments", "RFC 2928", Scope.RESERVED),
    AddressBlock("2001::/32", "Teredo", "RFC 4380", Scope.GLOBAL),
    AddressBlock("2001:2::/48", "benchmarking", "RFC 5180", Scope.PRIVATE),
    AddressBlock("2001:20::/28", "ORCHIDv2", "RFC 7343", Scope.GLOBAL),
    AddressBlock("2001:db8::/32", "documentation", "RFC 3849", Scope.RESERVED),
    AddressBlock("2002::/16", "6to4", "RFC 3056", Scope.GLOBAL),
    AddressBlock("3fff::/20", "documentation", "RFC 9637", Scope.RESERVED),
    AddressBlock("5f00::/16", "segment routing identifiers", "RFC 9602", Scope.PRIVATE),
    AddressBlock("fc00::/7", "unique local", "RFC 4193", Scope.PRIVATE),
    AddressBlock("fe80::/10", "link-local unicast", "RFC 4291, 2.5.6", Scope.LINK_LOCAL),
    AddressBlock("ff00::/8", "multicast", "RFC 4291, 2.7", Scope.MULTICAST),
)
"""The IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890, section 2), and multicast."""


def parse_address(text: str) -> str:
    """The canonical text of an IPv4 or IPv6 address (RFC 5952), its zone kept as `%zone`.

    Raises `BadInput` that says what is wrong with it.
    """
    from ipaddress import AddressValueError, IPv4Address, IPv6Address

    kind = IPv6Address if ":" in text else IPv4Address
    try:
        return _canonical(kind(text))
    except AddressValueError as error:
        family = "IPv6" if kind is IPv6Address else "IPv4"
        # ipaddress ends its reasons with "in '<the text>'": the text is said already.
        why = str(error).removesuffix(f" in {text!r}")
        what = f"{shortened(text)!r} is not an {family} address"
        raise BadInput(what, why=shortened(why, 200)) from None


def _canonical(address: IPv4Address | IPv6Address) -> str:
    mapped = getattr(address, "ipv4_mapped", None)
    return str(address) if mapped is None else f"::ffff:{mapped}"


def scope_of(address: str) -> Scope:
    """The scope of a valid address; an IPv4-mapped one has that of the IPv4 address within."""
    return _OBVIOUS.get(address) or _scope_by_block(address)


@lru_cache(maxsize=4096)
def _scope_by_block(address: str) -> Scope:
    if address.startswith(("127.", "::ffff:127.")):
        return Scope.LOOPBACK
    block = block_of(address)
    return Scope.GLOBAL if block is None else block.scope


def block_of(address: str) -> AddressBlock | None:
    """The narrowest special-purpose block that holds a valid address; None: ordinary unicast."""
    from ipaddress import ip_address

    value = ip_address(unmapped(address.partition("%")[0]))
    holding = [(network.prefixlen, block) for network, block in _networks() if value in network]
    return max(holding)[1] if holding else None


@lru_cache(maxsize=1)
def _networks() -> list[tuple[IPv4Network | IPv6Network, AddressBlock]]:
    from ipaddress import ip_network

    return [(ip_network(block.prefix), block) for block in BLOCKS]


def unmapped(address: str) -> str:
    """The IPv4 address within an IPv4-mapped IPv6 one (RFC 4291, 2.5.5.2); others as they are."""
    return address[7:] if address.startswith("::ffff:") and "." in address else address


def is_ipv6(address: str) -> bool:
    """Whether the text is of the IPv6 family, mapped ones among them."""
    return ":" in address
