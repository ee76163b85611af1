"""The order in which ports are tried."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.model.endpoint import Transport
from homeport.model.lease import LEASED, LeaseKey
from homeport.model.port import PortRange
from homeport.run.leases.order import anonymous_order, digest, home, named_order

KINDS = (Transport.TCP, Transport.UDP)
WEB = LeaseKey("/home/ada/shop", "web")


@st.composite
def spans(draw: st.DrawFn) -> PortRange:
    first = draw(st.integers(1, 65_000))
    return PortRange(first, first + draw(st.integers(0, 50)))


@given(spans(), st.text(), st.one_of(st.none(), st.integers(1, 65_535)))
def test_each_port_of_the_range_once_for_a_name(
    span: PortRange, name: str, remembered: int | None
) -> None:
    of = digest(LeaseKey("/shop", name), Transport.TCP)
    tried = list(named_order(of, span, remembered))
    assert sorted(tried) == list(range(span.first, span.last + 1))
    assert tried[0] == (remembered if remembered in span else home(of, span))


@given(spans(), st.integers(0, 100_000))
def test_each_port_of_the_range_once_without_a_name(span: PortRange, turn: int) -> None:
    assert sorted(anonymous_order(span, turn)) == list(range(span.first, span.last + 1))


def test_a_key_is_at_home_where_it_always_was() -> None:
    # A change here moves every service of every project.
    assert home(digest(WEB, Transport.TCP), LEASED) == 22_116


@pytest.mark.parametrize(
    "other", [LeaseKey("/home/ada/shop", "db"), LeaseKey("/home/ada/shop-2", "web")]
)
def test_names_worktrees_and_transports_have_homes_of_their_own(other: LeaseKey) -> None:
    homes = {home(digest(key, transport), LEASED) for key in (WEB, other) for transport in KINDS}
    assert len(homes) == 4


def test_leases_without_a_name_begin_where_no_name_is_at_home() -> None:
    first = set(islice(anonymous_order(LEASED, 0), 2000))
    homes = {home(digest(LeaseKey("/p", str(n)), Transport.TCP), LEASED) for n in range(3000)}
    assert not first & homes
