"""Policy routing: the rules that choose a routing table, and the way to one address.

As `ip -json rule`, `ip -json route get` and `ip -json link` print them (ip-rule(8), ip-route(8)).
"""

from __future__ import annotations

import json
from typing import Any

from homeport.model.errors import BrokenMessage
from homeport.model.record import NamedTuple

_FORBIDDING = frozenset({"prohibit", "unreachable", "blackhole"})
_ITS_OWN = frozenset({"priority", "not", "src", "fwmark", "fwmask", "table", "action", "protocol"})


class PolicyRule(NamedTuple):
    """A rule: for what it is, and what becomes of that.

    `mark` is the firewall mark that it asks for, and `inverted` turns the condition round: with a
    mark, the rule is for all that does not bear it. `action` is `prohibit` and the like, None where
    a table is looked up. `narrow` says that it asks for more (a source, a user, a port).
    """

    priority: int
    table: str | None = None
    action: str | None = None
    mark: str | None = None
    inverted: bool = False
    narrow: bool = False
    family: int = 4

    @property
    def for_unmarked(self) -> bool:
        """Whether all packets but those with a mark meet it, as VPN clients arrange it."""
        return self.inverted and self.mark is not None and not self.narrow

    @property
    def forbids(self) -> bool:
        """Whether what meets it goes nowhere."""
        return self.action in _FORBIDDING

    @property
    def told(self) -> str:
        """The rule, as `ip rule` prints it."""
        what = f"lookup {self.table}" if self.action is None else self.action
        which = "" if self.mark is None else f" fwmark {self.mark}"
        return f"{self.priority}: {'not ' if self.inverted else ''}from all{which} {what}"

    @property
    def command(self) -> str:
        """What removes it."""
        return f"ip {'-6 ' if self.family == 6 else ''}rule del priority {self.priority}"


class Way(NamedTuple):
    """Where the kernel would send what goes to an address: interface and gateway."""

    address: str
    interface: str
    gateway: str | None = None


def parse_rules(data: bytes, family: int) -> tuple[PolicyRule, ...]:
    """The rules in the order in which they are asked; raises `BrokenMessage`."""
    try:
        return tuple(_rule(each, family) for each in json.loads(data or b"[]"))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BrokenMessage("ip did not print rules as JSON", why=str(error)) from None


def _rule(entry: dict[str, Any], family: int) -> PolicyRule:
    action, table, mark = entry.get("action"), entry.get("table"), entry.get("fwmark")
    return PolicyRule(
        int(entry["priority"]),
        None if table is None else str(table),
        None if action is None else str(action),
        None if mark is None else str(mark),
        "not" in entry,
        bool(entry.keys() - _ITS_OWN) or entry.get("src", "all") != "all",
        family,
    )


def parse_way(address: str, data: bytes) -> Way | None:
    """The way to an address; None where there is none, or it cannot be read."""
    try:
        first = json.loads(data)[0]
        gateway = first.get("gateway")
        return Way(address, str(first["dev"]), None if gateway is None else str(gateway))
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        return None


def parse_link_type(data: bytes) -> str | None:
    """What `ip -json link show dev` calls the layer below: `ether`, `loopback`, `none`."""
    try:
        return str(json.loads(data)[0]["link_type"])
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        return None
