"""resolv.conf(5)."""

from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.resolv_conf import parse_nameservers


def test_servers_in_their_order() -> None:
    data = b"# a comment\nsearch lan\nnameserver 10.8.0.1\nnameserver\n nameserver ::1 # x\n"
    assert parse_nameservers(data) == ("10.8.0.1", "::1")


@given(st.binary())
def test_it_survives_anything(data: bytes) -> None:
    parse_nameservers(data)
