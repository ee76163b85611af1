"""The ruleset of nftables as `nft --json list ruleset` prints it (libnftables-json(5)) -> rules."""

from __future__ import annotations

import json

from homeport.model.errors import BrokenMessage
from homeport.model.record import NamedTuple

_STOPPING = ("drop", "reject")
_REDIRECTING = ("dnat", "redirect", "tproxy")


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
    among `matches`. A chain's policy stands as a rule without handle and matches.
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
        return " ".join([*words, self.verdict or ""]).strip()


def _set(values: tuple[str, ...]) -> str:
    return values[0] if len(values) == 1 else "{ " + ", ".join(values) + " }"


def parse_ruleset(data: bytes) -> tuple[FirewallRule, ...]:
    """The rules, in the order in which they stand; raises `BrokenMessage`."""
    try:
        entries = json.loads(data)["nftables"]
        hooks = {
            _chain(each["chain"], "name"): each["chain"] for each in entries if "chain" in each
        }
        rules = [_rule(each["rule"], hooks) for each in entries if "rule" in each]
        policies = [rule for chain in hooks.values() for rule in _policy(chain)]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BrokenMessage("nft did not print a ruleset as JSON", why=str(error)) from None
    return (*rules, *policies)


def _chain(entry: dict[str, str], name: str) -> tuple[str, str, str]:
    return entry["family"], entry["table"], entry[name]


def _policy(chain: dict[str, str]) -> list[FirewallRule]:
    if chain.get("policy") != "drop":
        return []
    family, table, name = _chain(chain, "name")
    return [FirewallRule(family, table, name, chain.get("hook"), None, "drop", None)]


def _rule(
    entry: dict[str, object], hooks: dict[tuple[str, str, str], dict[str, str]]
) -> FirewallRule:
    family, table, chain = _chain(entry, "chain")  # type: ignore[arg-type]
    expressions = entry.get("expr")
    known = expressions if isinstance(expressions, list) else []
    verdict = packets = None
    matches: list[Match] = []
    others = False
    for each in known:
        name = next(iter(each))
        if name == "match":
            found = _match(each["match"])
            matches += [found] if found else []
            others = others or found is None
        elif name == "counter":
            packets = each["counter"].get("packets") if isinstance(each["counter"], dict) else None
        elif name in (*_STOPPING, *_REDIRECTING, "accept", "jump", "goto", "return", "queue"):
            verdict = name
        elif name not in ("log", "comment"):
            others = True
    hook = hooks.get((family, table, chain), {}).get("hook")
    handle = entry.get("handle")
    number = handle if isinstance(handle, int) else None
    return FirewallRule(
        family, table, chain, hook, number, verdict, packets, tuple(matches), others
    )


def _match(entry: dict[str, object]) -> Match | None:
    field = _field(entry.get("left"))
    values = _values(entry.get("right"))
    if field is None or values is None:
        return None
    operator = str(entry.get("op", "=="))
    return Match(field, "" if operator in ("==", "in") else operator, values)


def _field(left: object) -> str | None:
    if not isinstance(left, dict) or len(left) != 1:
        return None
    (kind, what), *_ = left.items()
    if kind == "payload" and isinstance(what, dict) and "field" in what:
        return f"{what.get('protocol', '')} {what['field']}".strip()
    if kind in ("meta", "ct") and isinstance(what, dict) and isinstance(what.get("key"), str):
        return f"{kind} {what['key']}" if kind == "ct" else str(what["key"])
    return None


def _values(right: object) -> tuple[str, ...] | None:
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
    if kind == "prefix" and isinstance(what, dict):
        return (f"{what.get('addr')}/{what.get('len')}",)
    return None
