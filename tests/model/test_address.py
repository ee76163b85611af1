"""What addresses mean."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.model.address import BLOCKS, Scope, block_of, parse_address, scope_of
from homeport.model.errors import BadInput


@pytest.mark.parametrize(
    ("address", "scope"),
    [
        ("127.0.0.1", Scope.LOOPBACK),
        ("127.255.255.254", Scope.LOOPBACK),
        ("::1", Scope.LOOPBACK),
        ("::ffff:127.0.0.53", Scope.LOOPBACK),
        ("0.0.0.0", Scope.UNSPECIFIED),
        ("::", Scope.UNSPECIFIED),
        ("::ffff:0.0.0.0", Scope.UNSPECIFIED),
        ("10.1.2.3", Scope.PRIVATE),
        ("172.17.0.2", Scope.PRIVATE),
        ("100.64.0.1", Scope.PRIVATE),
        ("fd00::1", Scope.PRIVATE),
        ("169.254.1.1", Scope.LINK_LOCAL),
        ("fe80::1%eth0", Scope.LINK_LOCAL),
        ("224.0.0.251", Scope.MULTICAST),
        ("ff02::fb", Scope.MULTICAST),
        ("192.0.2.1", Scope.RESERVED),
        ("8.8.8.8", Scope.GLOBAL),
        ("2606:4700::1111", Scope.GLOBAL),
    ],
)
def test_scope(address: str, scope: Scope) -> None:
    assert scope_of(address) is scope


def test_the_narrowest_block_wins() -> None:
    teredo = block_of("2001::1")
    assert teredo is not None
    assert teredo.name == "Teredo"
    assert block_of("8.8.8.8") is None


def test_every_block_is_a_network_and_names_its_source() -> None:
    prefixes = [block.prefix for block in BLOCKS]
    assert len(set(prefixes)) == len(prefixes)
    for block in BLOCKS:
        ipaddress.ip_network(block.prefix)
        assert block.source.startswith("RFC ")


@given(st.ip_addresses())
def test_agrees_with_the_standard_library(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    mapped = getattr(address, "ipv4_mapped", None)
    text = parse_address(str(address))
    judged = mapped or address
    scope = scope_of(text)
    assert (scope is Scope.LOOPBACK) == judged.is_loopback
    assert (scope is Scope.MULTICAST) == judged.is_multicast
    assert (scope is Scope.UNSPECIFIED) == judged.is_unspecified


@given(st.text(alphabet="0123456789abcdef:.%", max_size=50))
def test_no_text_breaks_the_parser(text: str) -> None:
    try:
        canonical = parse_address(text)
    except BadInput:
        return
    assert parse_address(canonical) == canonical
    assert scope_of(canonical) in Scope


def test_a_refusal_stays_a_line() -> None:
    with pytest.raises(BadInput) as refusal:
        parse_address("1." * 5000)
    assert len(str(refusal.value)) < 320
