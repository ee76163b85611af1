"""The ruleset of nftables as `nft --json list ruleset` prints it (libnftables-json(5)) -> rules."""

from __future__ import annotations

import json
from typing import Any, TypeAlias

from homeport.model.errors import BrokenMessage
from homeport.model.record import NamedTuple

_STOPPING = ("drop", "reject", "queue")
_REDIRECTING = ("dnat", "redirect", "tproxy")
_GOING_ON = ("jump", "goto")
_VERDICTS = (*_STOPPING, *_REDIRECTING, *_GOING_ON, "accept", "return")
_Name: TypeAlias = tuple[str, str, str]
_Json: TypeAlias = Any
_WITHOUT_EFFECT = ("log", "comment", "counter", "continue")


class Match(NamedTuple):
    """A condition of a rule: `tcp dport == 8000`; `values` are the texts and ranges it names."""

    field: str
    operator: str
    values: tuple[str, ...]


class FirewallRule(NamedTuple):
    """A rule of a chain that a packet of this machine can come to.

    `hook` is that of the base chain (`input`, `output`, …), None in a chain that others jump to.
    `verdict` is the last word of it: `drop`, `reject`, `accept`, `dnat`, …, None where it has none.
    `packets` is its counter, None without one. `others` tells that it has conditions that are not
    among `matches`. A chain's policy stands as a rule without handle and matches. An entry of a
    verdict map stands as a rule of its own, with the handle of the rule that it is part of.

    `priority` and `device` are those of the base chain. `target` is the chain that is jumped to, or
    where `dnat` and `redirect` send to (`10.0.0.1:80`, `:9000`); `how` is what `reject` answers.
    """

    family: str
    table: str
    chain: str
    hook: str | None
    handle: int | None
    verdict: str | None
    packets: int | None
    matches: tuple[Match, ...] = ()
    others: bool = False
    priority: int = 0
    device: str | None = None
    target: str | None = None
    how: str | None = None

    @property
    def place(self) -> str:
        """Where it stands, as the commands of nft want it."""
        return f"{self.family} {self.table} {self.chain}"

    @property
    def stops(self) -> bool:
        """Whether what it matches goes no further."""
        return self.verdict in _STOPPING

    @property
    def redirects(self) -> bool:
        """Whether what it matches goes elsewhere."""
        return self.verdict in _REDIRECTING

    def __str__(self) -> str:
        """The rule, close to how nft writes it."""
        words = [
            " ".join(filter(None, (m.field, m.operator, _set(m.values)))) for m in self.matches
        ]
        if self.others:
            words.append("…")
        if self.handle is None:
            words.append("policy")
        words += [self.verdict or "", f"with {self.how}" if self.how else ""]
        words += [f"{'to ' if self.redirects else ''}{self.target}"] if self.target else []
        return " ".join(filter(None, words))


def _set(values: tuple[str, ...]) -> str:
    return values[0] if len(values) == 1 else "{ " + ", ".join(values) + " }"


def parse_ruleset(data: bytes) -> tuple[FirewallRule, ...]:
    """The rules, in the order in which they stand; raises `BrokenMessage`."""
    try:
        entries = json.loads(data)["nftables"]
        chains = {_named(each["chain"], "name"): each["chain"] for each in _all(entries, "chain")}
        sets = {
            _named(each[kind], "name"): each[kind].get("elem", [])
            for kind in ("set", "map")
            for each in _all(entries, kind)
        }
        reader = _Reader(chains, sets)
        rules = [rule for each in _all(entries, "rule") for rule in reader.rules(each["rule"])]
        policies = [rule for chain in chains.values() for rule in _policy(chain)]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BrokenMessage("nft did not print a ruleset as JSON", why=str(error)) from None
    return (*rules, *policies)


def _all(entries: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [each for each in entries if kind in each]


def _named(entry: dict[str, Any], name: str) -> _Name:
    return str(entry["family"]), str(entry["table"]), str(entry[name])


def _policy(chain: dict[str, Any]) -> list[FirewallRule]:
    if chain.get("policy") != "drop":
        return []
    family, table, name = _named(chain, "name")
    return [_based(FirewallRule(family, table, name, None, None, "drop", None), chain)]


def _based(rule: FirewallRule, chain: dict[str, Any]) -> FirewallRule:
    """The rule with what its base chain says."""
    hook, priority, device = chain.get("hook"), chain.get("prio", 0), chain.get("dev")
    return rule._replace(
        hook=hook if isinstance(hook, str) else None,
        priority=priority if isinstance(priority, int) else 0,
        device=device if isinstance(device, str) else None,
    )


class _Reader:
    """Reads rules, with the chains and the named sets that they refer to."""

    def __init__(self, chains: dict[_Name, dict[str, Any]], sets: dict[_Name, Any]) -> None:
        self._chains = chains
        self._sets = sets

    def rules(self, entry: dict[str, Any]) -> list[FirewallRule]:
        """The rule, and one for each entry of a verdict map in it."""
        family, table, chain = _named(entry, "chain")
        handle = entry.get("handle")
        number = handle if isinstance(handle, int) else None
        rule = FirewallRule(family, table, chain, None, number, None, None)
        rule = _based(rule, self._chains.get((family, table, chain), {}))
        expressions = entry.get("expr")
        maps: list[FirewallRule] = []
        for each in expressions if isinstance(expressions, list) else []:
            (kind, what), *_ = each.items()
            if kind == "vmap":
                maps += self._of_map(rule, what)
            else:
                rule = self._with(rule, kind, what)
        return [*maps, rule] if rule.verdict or not maps else maps

    def _with(self, rule: FirewallRule, kind: str, what: _Json) -> FirewallRule:
        if kind == "match":
            found = self._match(rule, what)
            if found is None:
                return rule._replace(others=True)
            return rule._replace(matches=(*rule.matches, found))
        if kind == "counter" and isinstance(what, dict):
            packets = what.get("packets")
            return rule._replace(packets=packets if isinstance(packets, int) else None)
        if kind in _VERDICTS:
            return rule._replace(verdict=kind, target=_target(kind, what), how=_how(kind, what))
        return rule if kind in _WITHOUT_EFFECT else rule._replace(others=True)

    def _of_map(self, rule: FirewallRule, what: dict[str, Any]) -> list[FirewallRule]:
        field = _field(what.get("key"))
        found = []
        for key, verdict in self._elements(rule, what.get("data")):
            values = self._values(rule, key)
            (kind, told), *_ = verdict.items()
            known = field is not None and values is not None
            match = (Match(field or "", "", values or ()),) if known else ()
            one = rule._replace(matches=(*rule.matches, *match), others=rule.others or not known)
            found.append(self._with(one, kind, told))
        return found

    def _elements(self, rule: FirewallRule, data: _Json) -> list[Any]:
        if isinstance(data, str) and data.startswith("@"):
            return list(self._sets.get((rule.family, rule.table, data[1:]), []))
        return list(data["set"]) if isinstance(data, dict) and "set" in data else []

    def _match(self, rule: FirewallRule, entry: dict[str, Any]) -> Match | None:
        field = _field(entry.get("left"))
        values = self._values(rule, entry.get("right"))
        if field is None or values is None:
            return None
        operator = str(entry.get("op", "=="))
        return Match(field, "" if operator in ("==", "in") else operator, values)

    def _values(self, rule: FirewallRule, right: _Json) -> tuple[str, ...] | None:
        if isinstance(right, str) and right.startswith("@"):
            name = (rule.family, rule.table, right[1:])
            return self._values(rule, self._sets[name]) if name in self._sets else None
        return _values(right)


def _target(kind: str, what: _Json) -> str | None:
    """The chain of a jump, or the address and port of a redirection, as far as they are fixed."""
    if not isinstance(what, dict):
        return None
    if kind in _GOING_ON:
        return str(what.get("target"))
    if kind not in _REDIRECTING:
        return None
    address, port = what.get("addr", ""), what.get("port")
    if not isinstance(address, str):
        return None
    place = f"[{address}]" if ":" in address and port is not None else address
    return place if port is None else f"{place}:{port}" if isinstance(port, int) else None


def _how(kind: str, what: _Json) -> str | None:
    if kind != "reject":
        return None
    if not isinstance(what, dict):
        return "icmpx port-unreachable"
    return " ".join(str(what[key]) for key in ("type", "expr") if key in what)


def _field(left: _Json) -> str | None:
    if not isinstance(left, dict) or len(left) != 1:
        return None
    (kind, what), *_ = left.items()
    if kind == "payload" and isinstance(what, dict) and "field" in what:
        return f"{what.get('protocol', '')} {what['field']}".strip()
    if kind in ("meta", "ct") and isinstance(what, dict) and isinstance(what.get("key"), str):
        return f"{kind} {what['key']}" if kind == "ct" else str(what["key"])
    return None


def _values(right: _Json) -> tuple[str, ...] | None:
    if isinstance(right, str | int):
        return (str(right),)
    if isinstance(right, list):
        parts = [_values(each) for each in right]
        return None if None in parts else tuple(text for each in parts if each for text in each)
    if not isinstance(right, dict) or len(right) != 1:
        return None
    (kind, what), *_ = right.items()
    if kind == "range" and isinstance(what, list) and len(what) == 2:
        return (f"{what[0]}-{what[1]}",)
    if kind == "set":
        return _values(what)
    if kind == "elem" and isinstance(what, dict):
        return _values(what.get("val"))
    if kind == "prefix" and isinstance(what, dict):
        return (f"{what.get('addr')}/{what.get('len')}",)
    return None
