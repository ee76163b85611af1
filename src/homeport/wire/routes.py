"""Routes that end nowhere, as `ip -json route show table all` prints them (ip-route(8))."""

from __future__ import annotations

import json
from ipaddress import ip_address, ip_network

from homeport.model.errors import BrokenMessage
from homeport.model.record import NamedTuple

_KINDS = frozenset({"blackhole", "unreachable", "prohibit", "throw"})


class DeadEnd(NamedTuple):
    """A route for what is to go nowhere: its type, the prefix that it is for, and its table."""

    kind: str
    prefix: str
    table: str = "main"

    def takes(self, address: str) -> bool:
        """Whether it is for the address."""
        if self.prefix == "default":
            return True
        try:
            network = ip_network(self.prefix, strict=False)
            wanted = ip_address(address.partition("%")[0])
        except ValueError:
            return False
        return wanted.version == network.version and wanted in network

    @property
    def command(self) -> str:
        """What removes it."""
        family = "-6 " if ":" in self.prefix else ""
        table = "" if self.table == "main" else f" table {self.table}"
        return f"ip {family}route del {self.kind} {self.prefix}{table}"


def parse_dead_ends(data: bytes) -> tuple[DeadEnd, ...]:
    """The routes that end nowhere; raises `BrokenMessage`."""
    try:
        entries = json.loads(data or b"[]")
        return tuple(
            DeadEnd(str(each["type"]), str(each["dst"]), str(each.get("table", "main")))
            for each in entries
            if each.get("type") in _KINDS
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BrokenMessage("ip did not print routes as JSON", why=str(error)) from None
