"""Ports, their classes and ranges."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.model.errors import BadInput
from homeport.model.port import PortClass, PortPolicy, PortRange, parse_port, port_class


@pytest.mark.parametrize(
    ("port", "expected"),
    [
        (0, PortClass.SYSTEM),
        (1023, PortClass.SYSTEM),
        (1024, PortClass.USER),
        (49151, PortClass.USER),
        (49152, PortClass.DYNAMIC),
        (65535, PortClass.DYNAMIC),
    ],
)
def test_class_at_the_edges(port: int, expected: PortClass) -> None:
    assert port_class(port) is expected


@given(st.integers(0, 65535))
def test_reads_back_every_port(port: int) -> None:
    assert parse_port(str(port)) == port


@pytest.mark.parametrize("text", ["", "-1", "+80", "8 0", "0x50", "٨٠", "65536", "1" * 5000])
def test_refuses_what_no_port_can_be(text: str) -> None:
    with pytest.raises(BadInput):
        parse_port(text)


def test_a_kernel_assigns_from_its_range_but_for_what_is_reserved() -> None:
    policy = PortPolicy(PortRange(32768, 60999), (PortRange(40000, 40010),), 1024)
    assert policy.assigns(32768)
    assert policy.assigns(60999)
    assert not policy.assigns(62893)
    assert not policy.assigns(40005)
    assert str(policy.assigned) == "32768-60999"
    assert str(PortRange(80, 80)) == "80"
