"""What an address is, and who can get at a listener that is bound to it."""

from __future__ import annotations

from homeport.model.address import Scope, block_of, is_ipv6, scope_of, unmapped
from homeport.model.explanation import AddressFacts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from homeport.model.explanation import OwnAddress
    from homeport.model.sockets import Listener

_FIREWALL = "unless a firewall stops them, which is not looked at here"


def address_facts(address: str, own: Iterable[OwnAddress]) -> AddressFacts:
    """The block, the scope and the reach of an address."""
    own = tuple(own)
    block = block_of(address)
    interface = interface_of(address, own)
    return AddressFacts(
        address=address,
        scope=scope_of(address),
        block=None if block is None else block.name,
        source=None if block is None else block.source,
        interface=interface,
        reach=reach_of(address, own),
    )


def interface_of(address: str, own: Iterable[OwnAddress]) -> str | None:
    """The interface that has the address; None where none has, or where that is not known."""
    plain = unmapped(address)
    owned = tuple(own)
    found = next((each.interface for each in owned if each.address == plain), None)
    if found is None and plain.startswith("127."):
        # The whole of 127.0.0.0/8 is delivered locally where 127.0.0.1 is (RFC 1122, 3.2.1.3).
        return next((each.interface for each in owned if each.address == "127.0.0.1"), None)
    return found


def is_here(address: str, own: Iterable[OwnAddress]) -> bool | None:
    """Whether something on this machine can have the address; None where that is not known."""
    owned = tuple(own)
    if scope_of(address) in (Scope.UNSPECIFIED, Scope.LOOPBACK):
        return True
    return interface_of(address, owned) is not None if owned else None


def reach_of(address: str, own: Iterable[OwnAddress], *, v6only: bool = False) -> str:
    """Who can reach a listener on the address, as far as the address tells: a sentence."""
    owned = tuple(own)
    scope = scope_of(address)
    if scope is Scope.UNSPECIFIED:
        return _reach_of_wildcard(address, owned, v6only=v6only)
    if is_here(address, owned) is False:
        return "It is not an address of this machine: nothing here can listen on it."
    return _REACH[scope]


_REACH = {
    Scope.LOOPBACK: "Only this machine reaches it: programs of any user, web pages in a browser.",
    Scope.LINK_LOCAL: f"Machines on the same link reach it, {_FIREWALL}.",
    Scope.PRIVATE: f"Machines of the same private network reach it, {_FIREWALL}.",
    Scope.GLOBAL: f"Everybody on the internet reaches it, {_FIREWALL}.",
    Scope.MULTICAST: "Senders to a group that was joined reach it.",
    Scope.RESERVED: "Nobody reaches it: the block is not for use as an address.",
}


_ONLY_LOOPBACK = "Only this machine reaches it: it has no other addresses than loopback ones."


def _reach_of_wildcard(address: str, own: tuple[OwnAddress, ...], *, v6only: bool) -> str:
    both = address == "::" and not v6only
    family = [each for each in own if both or is_ipv6(each.address) == is_ipv6(address)]
    far = [each for each in family if scope_of(each.address) is not Scope.LOOPBACK]
    if own and not far:
        return _ONLY_LOOPBACK
    if not far:
        return f"Whoever reaches any address of this machine reaches it, {_FIREWALL}."
    named = ", ".join(f"{each.address} ({each.interface})" for each in far[:3])
    more = f" or {len(far) - 3} more" if len(far) > 3 else ""
    return f"Whoever reaches {named}{more} reaches it, {_FIREWALL}."


def reach_of_listener(listener: Listener, own: Iterable[OwnAddress]) -> str:
    """The same for a listener."""
    endpoint = listener.endpoint
    if endpoint.interface == "lo":
        return _REACH[Scope.LOOPBACK]
    return reach_of(endpoint.address, own, v6only=bool(listener.v6only))


def has_wider_reach(listener: Listener, own: Iterable[OwnAddress]) -> bool:
    """Whether others than this machine may reach the listener, as far as its address tells."""
    return reach_of_listener(listener, own) not in (_REACH[Scope.LOOPBACK], _ONLY_LOOPBACK)
