"""Addresses of a namespace, recorded on a machine with one interface."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.local_addresses import parse_fib_trie, parse_if_inet6
from tests.support import FIXTURES


def test_a_recorded_trie() -> None:
    found = parse_fib_trie((FIXTURES / "proc" / "fib_trie").read_bytes())
    assert found == {"127.0.0.1", "192.0.2.2"}


def test_recorded_ipv6_addresses() -> None:
    found = parse_if_inet6((FIXTURES / "proc" / "if_inet6").read_bytes())
    assert found == {"::1", "fd00::2", "fe80::fc:ff:fe00:1"}


@given(st.binary(max_size=300))
def test_no_bytes_are_too_odd(data: bytes) -> None:
    assert "" not in parse_if_inet6(data)
    assert parse_fib_trie(data) is not None


def test_lines_without_a_leaf() -> None:
    assert parse_fib_trie(b"/32 host LOCAL\n") == set()
