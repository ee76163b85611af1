"""Which rules a packet meets on its way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.nft_path import HOOKS, Packet, condition, met
from homeport.wire.nftables import FirewallRule, Match

if TYPE_CHECKING:
    from homeport.wire.nft_path import Met

PACKET = Packet("127.0.0.1", "127.0.0.1", (32768, 60999), (8000, 8000), uid=1000)


def rule(verdict: str, *matches: Match, **more: Any) -> FirewallRule:
    base = FirewallRule("inet", "t", "c", "input", 1, verdict, None, matches)
    return base._replace(**more)


def port(*values: str, operator: str = "") -> Match:
    return Match("tcp dport", operator, values)


def told(found: tuple[Met, ...]) -> list[tuple[int | None, bool]]:
    return [(each.rule.handle, each.certain) for each in found]


def test_what_is_accepted_before_does_not_come_to_the_drop() -> None:
    rules = [rule("accept", port("8000"), handle=1), rule("drop", handle=2)]
    assert met(rules, PACKET) == ()


def test_an_accept_that_may_hold_makes_what_follows_doubtful() -> None:
    rules = [rule("accept", others=True, handle=1), rule("drop", handle=2)]
    assert told(met(rules, PACKET)) == [(2, False)]


def test_accept_ends_one_chain_and_not_the_next() -> None:
    rules = [
        rule("drop", chain="later", priority=10, handle=2),
        rule("accept", chain="first", priority=-10, handle=1),
    ]
    assert told(met(rules, PACKET)) == [(2, True)]


def test_a_jump_comes_back_where_nothing_decided() -> None:
    rules = [
        rule("return", port("8000"), chain="sub", hook=None, handle=1),
        rule("drop", chain="sub", hook=None, handle=2),
        rule("jump", target="sub", handle=3),
        rule("reject", handle=4),
    ]
    assert told(met(rules, PACKET)) == [(4, True)]


def test_goto_does_not_come_back_and_the_policy_decides() -> None:
    rules = [
        rule("goto", target="sub", handle=3),
        rule("accept", handle=4),
        rule("drop", handle=None),
    ]
    assert told(met(rules, PACKET)) in ([(None, True)], [])


def test_after_a_redirection_the_port_is_another_one() -> None:
    rules = [
        rule("redirect", port("8000"), chain="n", hook="output", target=":9000", handle=1),
        rule("drop", port("9000"), handle=2),
    ]
    assert told(met(rules, PACKET)) == [(1, True), (2, True)]


def test_an_answer_does_not_come_to_nat() -> None:
    rules = [rule("redirect", hook="output", target=":9000")]
    assert met(rules, PACKET.back) == ()


def test_a_chain_that_jumps_to_itself_ends() -> None:
    assert met([rule("jump", target="c")], PACKET) == ()


def test_tables_of_the_other_family_do_not_count() -> None:
    assert met([rule("drop", family="ip6")], PACKET) == ()
    assert met([rule("drop", family="bridge")], PACKET) == ()


@pytest.mark.parametrize(
    ("match", "holds"),
    [
        (port("8000"), True),
        (port("7000-8100"), True),
        (port("22", "8000"), True),
        (port("22"), False),
        (port("22", operator="!="), True),
        (port("http-alt"), None),
        (Match("tcp sport", "", ("8000",)), False),
        (Match("tcp sport", "", ("40000",)), None),
        (Match("udp dport", "", ("8000",)), False),
        (Match("ip daddr", "", ("127.0.0.0/8",)), True),
        (Match("ip daddr", "", ("127.0.0.1-127.0.0.9",)), True),
        (Match("ip saddr", "", ("10.0.0.0/8",)), False),
        (Match("ip6 daddr", "", ("::1",)), False),
        (Match("l4proto", "", ("tcp",)), True),
        (Match("nfproto", "", ("ipv6",)), False),
        (Match("iifname", "", ("lo",)), True),
        (Match("iifname", "", ("l*",)), True),
        (Match("oifname", "", ("lo",)), False),
        (Match("ct state", "", ("established", "related")), False),
        (Match("ct state", "", ("new",)), True),
        (Match("tcp flags", "", ("syn",)), True),
        (Match("skuid", "", ("1000",)), None),
        (Match("length", ">", ("500",)), None),
        (Match("mark", "", ("3",)), None),
    ],
)
def test_conditions_at_input(match: Match, *, holds: bool | None) -> None:
    assert condition(match, PACKET, "input") is holds


@pytest.mark.parametrize(("uid", "holds"), [("1000", True), ("33", False), ("www-data", None)])
def test_the_user_is_known_at_output(uid: str, *, holds: bool | None) -> None:
    assert condition(Match("skuid", "", (uid,)), PACKET, "output") is holds


words = st.text(max_size=6) | st.sampled_from(
    ["8000", "1-9", "10.0.0.0/8", "::1", "lo", "syn", "-"]
)
matches = st.builds(
    Match,
    st.sampled_from(["tcp dport", "ip daddr", "ip6 saddr", "iif", "skuid", "tcp flags", "x"]),
    st.sampled_from(["", "!=", "<"]),
    st.tuples(words) | st.tuples(words, words),
)
rules = st.builds(
    rule,
    st.sampled_from(["drop", "accept", "jump", "goto", "return", "redirect", "reject", "queue"]),
    matches,
    chain=st.sampled_from(["c", "d"]),
    hook=st.sampled_from([None, *HOOKS]),
    target=st.sampled_from(["c", "d", ":9000", "[::1]:1", "10.0.0.1", None]),
)


@given(st.lists(rules, max_size=8))
def test_every_ruleset_is_walked_to_its_end(found: list[FirewallRule]) -> None:
    for packet in (PACKET, PACKET.back):
        assert all(each.rule in found for each in met(found, packet))


def test_chains_that_fan_out_are_left_in_time() -> None:
    fan = [
        rule("jump", chain=f"c{depth}", hook=None if depth else "input", target=f"c{depth + 1}")
        for depth in range(15)
        for _ in range(8)
    ]
    assert met([*fan, rule("drop", chain="c15")], PACKET)[0].rule.verdict == "drop"
    assert met(fan, PACKET) == ()


def test_a_circle_is_not_followed() -> None:
    circle = [rule("jump", chain="c", hook="input", target="c") for _ in range(8)]
    assert met(circle, PACKET) == ()
