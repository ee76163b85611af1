"""What systemd lets a unit reach and bind: properties as `systemctl show UNIT` prints them.

systemd.resource-control(5): what IPAddressAllow= names passes, else what IPAddressDeny= names does
not, else all does; SocketBindAllow= and SocketBindDeny= work likewise.
"""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network

from homeport.model.record import NamedTuple

PROPERTIES = ("IPAddressAllow", "IPAddressDeny", "SocketBindAllow", "SocketBindDeny")
_RULE = re.compile(
    r"(?:(?P<family>ipv4|ipv6):)?(?:(?P<transport>tcp|udp):)?"
    r"(?:(?P<all>any)|(?P<first>\d{1,5})(?:-(?P<last>\d{1,5}))?)?"
)
_SHORT = {
    "localhost": ("127.0.0.0/8", "::1/128"),
    "link-local": ("169.254.0.0/16", "fe80::/64"),
    "multicast": ("224.0.0.0/4", "ff00::/8"),
    "any": ("0.0.0.0/0", "::/0"),
}


class UnitLimits(NamedTuple):
    """The lists of one unit, each as its words."""

    unit: str
    allowed: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    bind_allowed: tuple[str, ...] = ()
    bind_denied: tuple[str, ...] = ()

    def denies(self, address: str) -> bool:
        """Whether traffic with an address does not pass."""
        return not _covers(self.allowed, address) and _covers(self.denied, address)

    def denies_bind(self, address: str, port: int) -> bool:
        """Whether a TCP port may not be bound at an address."""
        family = "ipv6" if ":" in address else "ipv4"
        if any(_binds(each, family, port) for each in self.bind_allowed):
            return False
        return any(_binds(each, family, port) for each in self.bind_denied)


def parse_unit_limits(unit: str, data: bytes) -> UnitLimits:
    """The lists; empty ones where systemd names none."""
    found: dict[str, tuple[str, ...]] = {}
    for line in data.decode("utf-8", "replace").splitlines():
        name, _, value = line.partition("=")
        if name in PROPERTIES:
            found[name] = (*found.get(name, ()), *value.split())
    return UnitLimits(unit, *(found.get(each, ()) for each in PROPERTIES))


def _covers(words: tuple[str, ...], address: str) -> bool:
    try:
        wanted = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    for word in (prefix for each in words for prefix in _SHORT.get(each, (each,))):
        try:
            network = ip_network(word, strict=False)
        except ValueError:
            continue
        if network.version == wanted.version and wanted in network:
            return True
    return False


def _binds(word: str, family: str, port: int) -> bool:
    rule = _RULE.fullmatch(word)
    if rule is None or not word or rule["transport"] == "udp":
        return False
    if rule["family"] not in (None, family):
        return False
    if rule["first"] is None:
        return True
    return int(rule["first"]) <= port <= int(rule["last"] or rule["first"])
