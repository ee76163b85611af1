"""The kernel's counters: pairs of lines, of names and of numbers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.net_counters import Counters, parse_counters

NETSTAT = b"""TcpExt: SyncookiesSent ListenOverflows ListenDrops TCPTimeouts TCPNew
TcpExt: 0 7 9 3 1
IpExt: InNoRoutes ListenOverflows
IpExt: 0 99
"""
SNMP = b"""Ip: Forwarding DefaultTTL
Ip: 1 64
Tcp: RtoAlgorithm MaxConn RetransSegs InErrs OutRsts
Tcp: 1 -1 5 0 11
"""


def test_those_that_tell_why_a_connection_fails() -> None:
    assert parse_counters(NETSTAT, SNMP) == Counters(
        overflows=7, drops=9, timeouts=3, resets=11, retransmitted=5
    )


def test_a_kernel_without_them_counts_nothing() -> None:
    assert parse_counters(b"", b"") == Counters()
    assert parse_counters(b"TcpExt: ListenDrops\n", SNMP).drops == 0


def test_more_names_than_numbers() -> None:
    assert parse_counters(b"TcpExt: A ListenDrops\nTcpExt: 4\n", b"") == Counters()


def test_how_much_each_has_grown() -> None:
    before = Counters(overflows=1, drops=2, timeouts=3, resets=4, retransmitted=5)
    after = before._replace(overflows=4, resets=4)
    assert after.since(before) == Counters(overflows=3)


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_no_bytes_are_too_odd(netstat: bytes, snmp: bytes) -> None:
    for table in (netstat, b"TcpExt: ListenDrops A\nTcpExt: " + netstat):
        assert all(isinstance(each, int) for each in parse_counters(table, snmp))
