"""Routes that end nowhere, as ip of iproute2 6.1 prints them."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.model.errors import BrokenMessage
from homeport.wire.routes import DeadEnd, parse_dead_ends

RECORDED = (
    b'[{"dst":"default","gateway":"192.0.2.1","dev":"eth0","flags":[]},'
    b'{"type":"blackhole","dst":"10.77.1.0/24","flags":[]},'
    b'{"type":"unreachable","dst":"10.77.2.1","table":"7","flags":[]},'
    b'{"type":"local","dst":"127.0.0.0/8","dev":"lo","table":"local","flags":[]}]'
)


def test_only_dead_ends_are_read() -> None:
    first, second = parse_dead_ends(RECORDED)
    assert first == DeadEnd("blackhole", "10.77.1.0/24")
    assert second.command == "ip route del unreachable 10.77.2.1 table 7"
    assert parse_dead_ends(b"") == ()


@pytest.mark.parametrize(
    ("prefix", "address", "takes"),
    [
        ("10.77.1.0/24", "10.77.1.9", True),
        ("10.77.1.0/24", "10.77.2.9", False),
        ("10.77.1.0/24", "::1", False),
        ("fd00::/8", "fd00::1%eth0", True),
        ("default", "10.0.0.1", True),
        ("nonsense", "10.0.0.1", False),
    ],
)
def test_a_dead_end_is_for_its_prefix(prefix: str, address: str, *, takes: bool) -> None:
    assert DeadEnd("blackhole", prefix).takes(address) is takes


@given(st.binary(max_size=200) | st.integers(0, len(RECORDED)).map(lambda at: RECORDED[:at]))
def test_anything_is_survived(data: bytes) -> None:
    with suppress(BrokenMessage):
        parse_dead_ends(data)
