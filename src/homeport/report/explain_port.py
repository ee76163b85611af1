"""What an address and a port number are, in sentences for people."""

from __future__ import annotations

from homeport.model.endpoint import Transport
from homeport.model.port import PortClass
from homeport.report.prose import item

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from homeport.model.explanation import AddressFacts, PortFacts, RegisteredService, UsualPort
    from homeport.report.style import Style

_RANGES = {
    PortClass.SYSTEM: "0-1023",
    PortClass.USER: "1024-49151",
    PortClass.DYNAMIC: "49152-65535",
}
_MOST_USUAL = 15


def address_lines(addresses: Sequence[AddressFacts], style: Style) -> list[str]:
    """A sentence on what each address is, and one on who reaches it."""
    return [
        line
        for each in addresses
        for text in (_kind(each), each.reach)
        for line in item(text, style)
    ]


def _kind(address: AddressFacts) -> str:
    named = f", {address.block}" if address.block and address.scope not in address.block else ""
    block = f"{named} ({address.source})" if address.source else ""
    at = f", on interface {address.interface}" if address.interface else ""
    return f"{address.address}: {address.scope}{block}{at}."


def port_lines(port: PortFacts, style: Style) -> list[str]:
    """Class, names, and how this kernel, this user and browsers stand to the port."""
    return [line for text in _sentences(port) for line in item(text, style)]


def _sentences(port: PortFacts) -> Iterator[str]:
    yield (
        f"{port.port} is a {port.port_class} port, one of {_RANGES[port.port_class]} (RFC 6335)."
    )
    yield from _registered(port.registered)
    yield from _usual(port.usual)
    yield from _kernel(port)
    if port.privileged:
        may = "which you have" if port.may_bind else "which you have not"
        yield f"Privileged: binding it takes CAP_NET_BIND_SERVICE, {may}."
    if port.browsers_refuse:
        yield "Browsers refuse to open it (WHATWG Fetch, port blocking)."


def _registered(entries: Sequence[RegisteredService] | None) -> Iterator[str]:
    if entries is None:
        return
    if not entries:
        yield "No service is registered for it (/etc/services)."
        return
    names = dict.fromkeys(
        f"{each.name} ({'/'.join(_transports(each.name, entries))})" for each in entries
    )
    yield f"Registered: {', '.join(names)}."


def _transports(name: str, entries: Sequence[RegisteredService]) -> list[str]:
    return [each.transport.value for each in entries if each.name == name]


def _usual(usual: Sequence[UsualPort]) -> Iterator[str]:
    if len(usual) == 1:
        only = usual[0]
        udp = " over UDP" if only.transport is Transport.UDP else ""
        yield f"Usual for {only.product}{udp}: {only.purpose} ({only.source})."
    elif usual:
        shown = dict.fromkeys(each.product for each in usual[:_MOST_USUAL])
        more = f"; and {len(usual) - _MOST_USUAL} more" if len(usual) > _MOST_USUAL else ""
        yield f"Usual for: {'; '.join(shown)}{more}."


def _kernel(port: PortFacts) -> Iterator[str]:
    if port.assigned_from is None:
        return
    span = f"This kernel hands out ports from {port.assigned_from}"
    if port.assigned:
        yield f"{span}: any program may be given this one by chance."
    elif port.reserved:
        yield f"{span}, but this one is reserved and never handed out."
    else:
        yield f"{span}, so never this one by chance: a program has to ask for it."
