"""`ip -json rule` and `ip -json route get`, as iproute2 6.1 prints them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.model.errors import BrokenMessage
from homeport.wire.policy_routing import PolicyRule, Way, parse_link_type, parse_rules, parse_way

RULES = json.dumps(
    [
        {"priority": 0, "src": "all", "table": "local"},
        {"priority": 98, "not": None, "src": "all", "dst": "10.0.0.0", "dstlen": 8, "goto": 32766},
        {"priority": 99, "src": "all", "uid_start": 1000, "uid_end": 1000, "action": "blackhole"},
        {"priority": 100, "not": None, "src": "all", "fwmark": "0x6d6f66", "action": "prohibit"},
        {"priority": 32764, "src": "all", "table": "main", "suppress_prefixlen": 0},
        {"priority": 32765, "not": None, "src": "all", "fwmark": "0xca6c", "table": "51820"},
    ]
).encode()


def test_rules_are_read() -> None:
    local, narrow, user, forbids, suppressing, vpn = parse_rules(RULES, 4)
    assert local == PolicyRule(0, "local")
    assert (narrow.narrow, user.narrow, suppressing.narrow) == (True, True, True)
    assert (forbids.forbids, forbids.for_unmarked) == (True, True)
    assert forbids.told == "100: not from all fwmark 0x6d6f66 prohibit"
    assert (vpn.table, vpn.for_unmarked, vpn.forbids) == ("51820", True, False)
    assert vpn.command == "ip rule del priority 32765"


def test_ways_are_read() -> None:
    data = b'[{"dst":"10.1.1.1","gateway":"10.0.0.1","dev":"wg0","prefsrc":"10.0.0.2","flags":[]}]'
    assert parse_way("10.1.1.1", data) == Way("10.1.1.1", "wg0", "10.0.0.1")
    assert parse_way("10.1.1.1", b"[]") is None


def test_links_are_read() -> None:
    data = b'[{"ifindex":2,"ifname":"tun9","flags":["NOARP"],"mtu":1500,"link_type":"none"}]'
    assert parse_link_type(data) == "none"
    assert parse_link_type(b"[{}]") is None


def test_what_are_no_rules_is_refused() -> None:
    assert parse_rules(b"", 4) == ()
    for data in (b"{", b"[1]", b'[{"priority":"x"}]', b"[{}]"):
        with pytest.raises(BrokenMessage):
            parse_rules(data, 4)


@given(st.binary(), st.integers(0, len(RULES)))
def test_it_survives_anything(data: bytes, size: int) -> None:
    for each in (data, RULES[:size] + data):
        parse_way("::1", each)
        parse_link_type(each)
        try:
            parse_rules(each, 6)
        except BrokenMessage:
            continue
