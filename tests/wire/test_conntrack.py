"""/proc/net/stat/nf_conntrack."""

from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.conntrack import Refusals, parse_refusals

# Linux 6.18, two processors, a full table.
TABLE = (
    b"entries  clashres found new invalid ignore delete chainlength insert insert_failed drop "
    b"early_drop icmp_error  expect_new expect_create expect_delete search_restart\n"
    b"00040000  00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 "
    b"0000001a 00000010 00000000  00000000 00000000 00000000 00000000\n"
    b"00040000  00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 "
    b"00000002 00000000 00000000  00000000 00000000 00000000 00000000\n"
)


def test_the_processors_are_summed() -> None:
    assert parse_refusals(TABLE) == Refusals(28, 16)
    assert Refusals(28, 16).since(Refusals(20, 16)) == Refusals(8, 0)


def test_what_is_no_table_is_none() -> None:
    assert parse_refusals(b"") is None
    assert parse_refusals(b"drop other\n1 2\n") is None
    assert parse_refusals(b"drop early_drop\nxx 2\n") is None
    assert parse_refusals(b"drop early_drop\n1\n") is None


@given(st.binary(), st.integers(0, len(TABLE)))
def test_it_survives_anything(data: bytes, size: int) -> None:
    parse_refusals(data)
    parse_refusals(TABLE[:size] + data)
