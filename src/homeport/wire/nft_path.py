"""The way of a packet through the chains of nftables (nft(8), "CHAINS"): which rules it meets.

A packet of this machine to this machine leaves by output and postrouting and comes back in by
ingress, prerouting and input. Within a hook the chains stand in the order of their priorities;
`accept` ends a chain, and the next one still decides. What a condition makes of the packet is
True, False, or None where that is not known, and then the packet may go either way.
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from homeport.model.address import is_ipv6
from homeport.model.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence
    from typing import TypeAlias

    from homeport.wire.nftables import FirewallRule, Match

    _Judge: TypeAlias = Callable[[tuple[str, ...], "Packet", str], bool | None]

HOOKS = ("egress", "output", "postrouting", "ingress", "prerouting", "input")
_FAMILIES = {"ip": False, "ip6": True}
_LEAVING = ("egress", "output", "postrouting")
_DEEPEST = 16
_MOST_RULES = 20_000


class Packet(NamedTuple):
    """The first packet of a connection, or the answer to it.

    `source_port` and `target_port` are inclusive ranges: a client's is known only as such.
    `interface` is the one that it takes, None where unknown; `uid` who sends it, None where that
    is another than the client.
    """

    source: str
    target: str
    source_port: tuple[int, int]
    target_port: tuple[int, int]
    uid: int | None = None
    interface: str | None = "lo"
    answer: bool = False

    @property
    def back(self) -> Packet:
        """What the server sends in answer."""
        return self._replace(
            source=self.target,
            target=self.source,
            source_port=self.target_port,
            target_port=self.source_port,
            uid=None,
            answer=True,
        )


class Met(NamedTuple):
    """A rule that stops or redirects the packet, at a hook.

    `certain`: no condition was unknown, neither of the rule nor of what stands before it.
    """

    rule: FirewallRule
    certain: bool
    hook: str


def met(rules: Sequence[FirewallRule], packet: Packet) -> tuple[Met, ...]:
    """What stops or redirects the packet, in its order; after a certain stop there is no more."""
    found: list[Met] = []
    walk = _Walk(rules, packet)
    for hook in HOOKS:
        for chain in walk.base_chains(hook):
            for each in walk.through(chain, hook):
                found.append(each)
                if each.certain and each.rule.stops:
                    return tuple(found)
    return tuple(found)


class _Walk:
    """One packet on its way. It changes where a rule redirects it."""

    def __init__(self, rules: Sequence[FirewallRule], packet: Packet) -> None:
        self._packet = packet
        self._doubtful = False
        self._left = _MOST_RULES
        self._within_now: list[str] = []
        self._chains: dict[str, list[FirewallRule]] = {}
        for rule in rules:
            if self._concerned(rule):
                self._chains.setdefault(rule.place, []).append(rule)

    def _concerned(self, rule: FirewallRule) -> bool:
        if rule.family == "netdev":
            return rule.device in (None, self._packet.interface) or self._packet.interface is None
        return rule.family == "inet" or _FAMILIES.get(rule.family) is is_ipv6(self._packet.target)

    def base_chains(self, hook: str) -> list[str]:
        """The chains at a hook, in the order of their priorities."""
        found = {
            place: rules[0].priority
            for place, rules in self._chains.items()
            if rules[0].hook == hook
        }
        return sorted(found, key=lambda place: found[place])

    def through(self, chain: str, hook: str) -> Iterator[Met]:
        """What is met in a base chain."""
        self._doubtful = False
        yield from self._within(chain, hook, 0)

    def _within(self, chain: str, hook: str, depth: int) -> Generator[Met, None, bool]:
        """As above; the generator's value tells whether the base chain is at its end."""
        self._within_now.append(chain)
        ended = yield from self._rules_of(chain, hook, depth)
        self._within_now.pop()
        return ended

    def _rules_of(self, chain: str, hook: str, depth: int) -> Generator[Met, None, bool]:
        for rule in self._chains.get(chain, ()):
            self._left -= 1
            if self._left < 0:
                # Chains that fan out again and again: what they would do is not known any more.
                self._doubtful = True
                return False
            holds = _holds(rule, self._packet, hook)
            if holds is False or rule.verdict is None or self._settled(rule):
                continue
            sure = holds is True and not self._doubtful
            if rule.verdict in ("jump", "goto") and depth < _DEEPEST:
                before = self._doubtful
                self._doubtful = before or not sure
                ended = yield from self._within(_chain_of(rule), hook, depth + 1)
                self._doubtful = (before or not sure) if holds is None else self._doubtful
                if holds is True and (ended or rule.verdict == "goto"):
                    return True
            elif rule.stops or rule.redirects:
                yield Met(rule, sure, hook)
                if rule.redirects and sure:
                    self._redirect(rule)
                if holds is True:
                    return True
            elif holds is True:
                return rule.verdict == "accept"
            else:
                self._doubtful = True
        return False

    def _settled(self, rule: FirewallRule) -> bool:
        """Whether a rule does nothing here, whatever its conditions say."""
        if rule.verdict in ("jump", "goto"):
            # A circle, which the kernel does not load (nft_chain_validate).
            return _chain_of(rule) in self._within_now
        # Only the first packet of a connection comes to the chains of NAT.
        return rule.redirects and self._packet.answer

    def _redirect(self, rule: FirewallRule) -> None:
        address, _, port = (rule.target or "").rpartition(":")
        address, port = (address, port) if port.isdigit() else (rule.target or "", "")
        self._packet = self._packet._replace(
            target=address.strip("[]") or self._packet.target,
            target_port=(int(port), int(port)) if port else self._packet.target_port,
        )


def _chain_of(rule: FirewallRule) -> str:
    """The chain to which a rule jumps."""
    return " ".join((rule.family, rule.table, rule.target or ""))


def _holds(rule: FirewallRule, packet: Packet, hook: str) -> bool | None:
    """Whether all conditions of a rule hold."""
    found = [condition(each, packet, hook) for each in rule.matches]
    if False in found:
        return False
    return None if rule.others or None in found else True


def condition(match: Match, packet: Packet, hook: str) -> bool | None:
    """Whether one condition holds for the packet at a hook; None where that is not known."""
    judge = _CONDITIONS.get(match.field)
    if judge is None:
        return False if match.field.partition(" ")[0] in _OTHER_PROTOCOLS else None
    if match.operator not in ("", "!="):
        return None
    holds = judge(match.values, packet, hook)
    return holds if holds is None or not match.operator else not holds


_OTHER_PROTOCOLS = ("udp", "icmp", "icmpv6", "sctp", "dccp", "esp", "ah", "arp", "vlan")


def _port(values: tuple[str, ...], ports: tuple[int, int]) -> bool | None:
    """Whether the port, known as a range, is among the values."""
    overlapping = False
    for value in values:
        first, _, last = value.partition("-")
        if not first.isdigit() or not (last or first).isdigit():
            overlapping = True  # a name of a service, which nft prints for some
            continue
        low, high = int(first), int(last or first)
        if low <= ports[0] and ports[1] <= high:
            return True
        overlapping = overlapping or (low <= ports[1] and ports[0] <= high)
    return None if overlapping else False


def _address(values: tuple[str, ...], address: str, *, ipv6: bool) -> bool | None:
    if is_ipv6(address) is not ipv6:
        return False
    try:
        wanted = ip_address(address.partition("%")[0])
        return any(_has(value, int(wanted)) for value in values)
    except ValueError:
        return None


def _has(value: str, wanted: int) -> bool:
    first, dash, last = value.partition("-")
    if dash:
        return int(ip_address(first)) <= wanted <= int(ip_address(last))
    network = ip_network(value, strict=False)
    return int(network.network_address) <= wanted <= int(network.broadcast_address)


def _uid(values: tuple[str, ...], packet: Packet, hook: str) -> bool | None:
    if packet.uid is None or hook not in _LEAVING or not all(each.isdigit() for each in values):
        return None
    return str(packet.uid) in values


def _interface(values: tuple[str, ...], packet: Packet, *, known: bool) -> bool | None:
    if not known:
        return False
    if packet.interface is None:
        return None
    return any(
        packet.interface == value
        or (value.endswith("*") and packet.interface.startswith(value[:-1]))
        for value in values
    )


def _tracked(values: tuple[str, ...], packet: Packet, _: str) -> bool | None:
    return ("established" if packet.answer else "new") in values


def _flags(values: tuple[str, ...], packet: Packet, _: str) -> bool | None:
    return "syn" in values or (packet.answer and "ack" in values)


_CONDITIONS: dict[str, _Judge] = {
    **dict.fromkeys(("tcp dport", "th dport"), lambda v, p, _: _port(v, p.target_port)),
    **dict.fromkeys(("tcp sport", "th sport"), lambda v, p, _: _port(v, p.source_port)),
    "ip saddr": lambda v, p, _: _address(v, p.source, ipv6=False),
    "ip daddr": lambda v, p, _: _address(v, p.target, ipv6=False),
    "ip6 saddr": lambda v, p, _: _address(v, p.source, ipv6=True),
    "ip6 daddr": lambda v, p, _: _address(v, p.target, ipv6=True),
    "ip protocol": lambda v, p, _: bool({"tcp", "6"} & {*v}) and not is_ipv6(p.target),
    "ip6 nexthdr": lambda v, p, _: bool({"tcp", "6"} & {*v}) and is_ipv6(p.target),
    "l4proto": lambda v, _p, _h: bool({"tcp", "6"} & {*v}),
    "nfproto": lambda v, p, _: ("ipv6" if is_ipv6(p.target) else "ipv4") in v,
    "protocol": lambda v, p, _: ("ip6" if is_ipv6(p.target) else "ip") in v,
    **dict.fromkeys(("iif", "iifname"), lambda v, p, h: _interface(v, p, known=h not in _LEAVING)),
    **dict.fromkeys(("oif", "oifname"), lambda v, p, h: _interface(v, p, known=h in _LEAVING)),
    "skuid": _uid,
    "ct state": _tracked,
    "tcp flags": _flags,
}
