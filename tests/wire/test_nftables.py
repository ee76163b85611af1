"""Rulesets as nft prints them: a recorded one with one rule of each kind, and broken ones.

`fixtures/nftables/ruleset.json` is what nft 1.0.6 printed for the rules of `ruleset.nft`.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.model.errors import BrokenMessage
from homeport.wire.nftables import FirewallRule, Match, parse_ruleset
from tests.support import FIXTURES

RECORDED = (FIXTURES / "nftables" / "ruleset.json").read_bytes()


def recorded(chain: str) -> list[str]:
    return [str(each) for each in parse_ruleset(RECORDED) if each.chain == chain]


def parsed(*expressions: dict[str, Any], **more: Any) -> FirewallRule:
    """The one rule of these expressions, in a chain that nothing is known of."""
    rule = {"family": "ip", "table": "t", "chain": "c", "handle": 7, "expr": expressions, **more}
    (only,) = parse_ruleset(json.dumps({"nftables": [{"rule": rule}]}).encode())
    return only


def compared(left: object, right: object, operator: str = "==") -> dict[str, Any]:
    return {"match": {"op": operator, "left": left, "right": right}}


TCP_DPORT = {"payload": {"protocol": "tcp", "field": "dport"}}


def test_rules_read_as_nft_writes_them() -> None:
    assert recorded("input") == [
        "ct state { established, related } accept",
        "iifname lo tcp dport 8000 drop",
        "tcp dport { 8000, 9000-9010 } drop",
        "tcp dport { 3000, 4000-4010 } reject with icmpx port-unreachable",
        "ip saddr 10.0.0.0/8 tcp dport != 22 drop",
        "ip saddr { 10.0.0.1, 10.0.0.2 } accept",
        "tcp flags syn … accept",
        "l4proto tcp ct state new jump refuse",
        "tcp dport 80 accept",
        "tcp dport 81 drop",
        "tcp dport 82 jump refuse",
        "tcp dport 7000 goto refuse",
        "ip6 daddr ::1 tcp dport 443 reject with icmpx admin-prohibited",
        "skuid 1000 tcp dport 90 drop",
        "tcp dport > 60000 return",
        "… drop",
        "policy drop",
    ]
    assert recorded("output") == [
        "ip daddr 127.0.0.1 tcp dport 8001 dnat to 10.0.0.9:80",
        "tcp dport 8002 redirect to :9000",
        "tcp dport 8003 dnat to 10.0.0.9",
    ]
    assert recorded("refuse") == ["l4proto tcp reject with tcp reset"]


def test_what_the_base_chain_says_stands_with_each_rule() -> None:
    of = {each.chain: (each.hook, each.priority, each.device) for each in parse_ruleset(RECORDED)}
    assert of == {
        "input": ("input", 0, None),
        "refuse": (None, 0, None),
        "output": ("output", -100, None),
        "ingress": ("ingress", -500, None),
    }


def test_the_place_is_what_the_commands_of_nft_want() -> None:
    rule = next(each for each in parse_ruleset(RECORDED) if each.packets is not None)
    assert (rule.place, rule.handle, rule.packets) == ("inet filter refuse", 5, 0)


def test_a_policy_that_lets_through_is_no_rule() -> None:
    policies = [each for each in parse_ruleset(RECORDED) if each.handle is None]
    assert [each.place for each in policies] == ["inet filter input"]
    assert policies[0].stops


@pytest.mark.parametrize(
    ("right", "values"),
    [
        (8000, ("8000",)),
        ("lo", ("lo",)),
        ({"range": [1, 9]}, ("1-9",)),
        ({"prefix": {"addr": "10.0.0.0", "len": 8}}, ("10.0.0.0/8",)),
        ({"set": [1, {"range": [3, 5]}]}, ("1", "3-5")),
        ({"set": [{"elem": {"val": 4, "timeout": 60}}]}, ("4",)),
        (["established", "new"], ("established", "new")),
    ],
)
def test_what_is_compared_with(right: object, values: tuple[str, ...]) -> None:
    assert parsed(compared(TCP_DPORT, right)).matches == (Match("tcp dport", "", values),)


@pytest.mark.parametrize(
    ("left", "field"),
    [
        (TCP_DPORT, "tcp dport"),
        ({"meta": {"key": "iifname"}}, "iifname"),
        ({"ct": {"key": "state"}}, "ct state"),
    ],
)
def test_what_is_compared(left: object, field: str) -> None:
    assert parsed(compared(left, 1)).matches == (Match(field, "", ("1",)),)


@pytest.mark.parametrize(
    "expression",
    [
        {"xt": {"type": "match", "name": "comment"}},
        {"limit": {"rate": 5, "per": "second"}},
        compared({"fib": {"result": "type", "flags": ["daddr"]}}, "local"),
        compared({"&": [TCP_DPORT, 255]}, 0),
        compared(TCP_DPORT, "@not-listed"),
        compared(TCP_DPORT, {"concat": [1, 2]}),
    ],
)
def test_a_condition_that_is_not_understood_is_said_to_be_there(expression: dict[str, Any]) -> None:
    rule = parsed(expression, {"drop": None})
    assert (rule.others, rule.matches, rule.verdict) == (True, (), "drop")


def test_what_only_counts_or_logs_is_no_condition() -> None:
    rule = parsed({"counter": {"packets": 3, "bytes": 9}}, {"log": {"prefix": "x"}}, {"drop": None})
    assert (rule.others, rule.packets) == (False, 3)


@pytest.mark.parametrize(
    ("expression", "target"),
    [
        ({"dnat": {"addr": "::1", "port": 80}}, "[::1]:80"),
        ({"dnat": {"addr": "::1"}}, "::1"),
        ({"redirect": {"port": 9000}}, ":9000"),
        ({"redirect": None}, None),
        ({"dnat": {"addr": "10.0.0.1", "port": {"range": [1, 2]}}}, None),
        ({"dnat": {"addr": {"map": {}}, "port": 1}}, None),
        ({"jump": {"target": "other"}}, "other"),
    ],
)
def test_where_a_packet_is_sent(expression: dict[str, Any], target: str | None) -> None:
    assert parsed(expression).target == target


def test_a_queue_stops_and_an_accept_does_not() -> None:
    assert parsed({"queue": {"num": 0}}).stops
    assert not parsed({"accept": None}).stops


def test_a_counter_by_name_has_no_number_here() -> None:
    assert parsed({"counter": "named"}).packets is None


def test_a_verdict_map_by_name() -> None:
    entries = [
        {"map": {"family": "ip", "table": "t", "name": "m", "elem": [[1, {"drop": None}]]}},
        {
            "rule": {
                "family": "ip",
                "table": "t",
                "chain": "c",
                "handle": 1,
                "expr": [{"vmap": {"key": TCP_DPORT, "data": "@m"}}],
            }
        },
    ]
    found = parse_ruleset(json.dumps({"nftables": entries}).encode())
    assert [str(each) for each in found] == ["tcp dport 1 drop"]


def test_no_ruleset() -> None:
    assert parse_ruleset(b'{"nftables": [{"metainfo": {"version": "1.0.6"}}]}') == ()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b'{"nftables": 1}',
        b'{"nftables": [1]}',
        b'{"nftables": [{"rule": {}}]}',
        b'{"nftables": [{"chain": null}]}',
        b'{"nftables": [{"rule": {"family": "ip", "table": "t", "chain": "c", "expr": [{}]}}]}',
        b"[" * 100_000,
        RECORDED[:-40],
        b"\xff\xfe",
    ],
)
def test_broken_text_is_refused(data: bytes) -> None:
    with pytest.raises(BrokenMessage, match="nft did not print a ruleset"):
        parse_ruleset(data)


WORDS = st.sampled_from([
    "match", "counter", "drop", "reject", "jump", "dnat", "vmap", "set", "range", "prefix", "elem",
    "payload", "meta", "ct", "key", "data", "left", "right", "op", "target", "addr", "port",
    "packets", "protocol", "field", "val", "len", "type", "expr", "@s",
])  # fmt: skip
VALUES = st.recursive(
    st.none() | st.integers(-9, 9) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=12,
)
PLACED = {"family": "ip", "table": "t", "chain": "c", "name": "s"}


@given(st.lists(VALUES, max_size=4), VALUES, VALUES)
def test_no_json_is_too_odd(expressions: list[Any], elements: Any, policy: Any) -> None:
    entries = [
        {"rule": {**PLACED, "handle": policy, "expr": expressions}},
        {"set": {**PLACED, "elem": elements}},
        {"chain": {**PLACED, "policy": policy, "prio": elements, "hook": policy}},
    ]
    try:
        found = parse_ruleset(json.dumps({"nftables": entries}).encode())
    except BrokenMessage:
        return
    for rule in found:
        assert isinstance(str(rule), str)
        assert rule.packets is None or isinstance(rule.packets, int)
        assert rule.hook is None or isinstance(rule.hook, str)
        assert hash(rule) is not None


@given(st.binary(max_size=200))
def test_no_bytes_are_too_odd(data: bytes) -> None:
    with suppress(BrokenMessage):
        parse_ruleset(data)
