"""Recorded answers of a kernel, whole and broken, held against /proc/net and the general parser."""

from __future__ import annotations

import struct
from collections import Counter
from socket import AF_INET, AF_INET6, inet_pton
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.model.endpoint import Transport
from homeport.model.errors import BrokenMessage
from homeport.wire import inet_diag
from homeport.wire.inet_diag import InetParser, InetRow, address_text, dump_request
from homeport.wire.netlink import HEADER, HEADER_SIZE, Dump, attributes
from homeport.wire.proc_net import inet_rows
from tests.wire.recordings import (
    INET,
    PLACE,
    dump_of,
    fast,
    messages,
    recorded,
    rows_of,
    slow,
)

ESTABLISHED, TIME_WAIT, CLOSE, LISTEN = 1, 6, 7, 10


def told_by_both(row: InetRow) -> tuple[Any, ...]:
    """What sock_diag and /proc/net both tell, except timers, which run between two recordings."""
    sent = None if row.state == LISTEN else row.send_queue
    head = (row.family, row.state, row.local, row.local_port, row.remote, row.remote_port)
    return (*head, row.receive_queue, sent, row.inode)


@pytest.mark.parametrize(
    ("name", "table"), [("tcp4", "tcp"), ("tcp6", "tcp6"), ("udp4", "udp"), ("udp6", "udp6")]
)
def test_a_dump_tells_the_same_as_the_text_table_of_the_same_moment(name: str, table: str) -> None:
    text = (PLACE / f"{table}.txt").read_bytes()
    told = Counter(map(told_by_both, inet_rows(text, INET[name], listening_only=False)))
    rows = [row for row in rows_of(name) if not (row.transport == "tcp" and row.state == CLOSE)]
    assert rows
    assert Counter(map(told_by_both, rows)) == told


# A TCP socket that is bound and does nothing is CLOSE in its row, though it takes bit 13 to ask
# for it; /proc/net/tcp does not list it at all.
def test_every_state_that_was_made_is_there() -> None:
    for name in ("tcp4", "tcp6"):
        states = {row.state for row in rows_of(name)}
        assert states == {1, 2, 3, 5, 6, CLOSE, 8, 10}


def test_v6only_is_told_for_ipv6_sockets_without_a_peer_and_only_for_those() -> None:
    dual = [row for row in rows_of("tcp6") if row.state == LISTEN and not any(row.local)]
    assert [row.v6only for row in dual] == [False, False]
    loopback = [row for row in rows_of("tcp6") if row.state == LISTEN and any(row.local)]
    assert loopback
    assert {row.v6only for row in loopback} <= {True, False}
    assert {row.v6only for row in rows_of("tcp6") if row.state == ESTABLISHED} == {None}
    assert {row.v6only for row in rows_of("tcp4")} == {None}


def test_the_cgroup_is_told_except_in_time_wait() -> None:
    rows = rows_of("tcp4")
    assert {row.cgroup_id for row in rows if row.state in (ESTABLISHED, LISTEN)} != {None}
    assert {row.cgroup_id for row in rows if row.state == TIME_WAIT} == {None}
    assert {row.inode for row in rows if row.state == TIME_WAIT} == {0}


def test_time_wait_says_how_long_it_lasts() -> None:
    (row,) = [row for row in rows_of("tcp4") if row.state == TIME_WAIT]
    assert row.timer == 3
    assert 0 < row.expires_ms <= 60_000


def test_a_listener_tells_queue_and_backlog() -> None:
    backlogs = {row.send_queue for row in rows_of("tcp4") if row.state == LISTEN}
    assert backlogs == {7, 0}


def test_an_mptcp_socket_is_one() -> None:
    (row,) = rows_of("mptcp4")
    assert (row.transport, row.state, row.send_queue) == (Transport.MPTCP, LISTEN, 7)


def test_a_socket_bound_to_a_device_names_it() -> None:
    assert sorted(row.interface for row in rows_of("udp4")) == [0, 0, 0, 1]


def test_without_privilege_one_attribute_less_changes_no_row() -> None:
    for name in ("tcp4", "tcp6", "udp4", "udp6"):
        theirs = rows_of(f"{name}-nobody")
        assert len(recorded(f"{name}-nobody")) < len(recorded(name))
        assert [row._replace(expires_ms=0, timer=0) for row in theirs] == [
            row._replace(expires_ms=0, timer=0) for row in rows_of(name)
        ]


@pytest.mark.parametrize("name", INET)
def test_runs_and_single_messages_are_read_alike(name: str) -> None:
    data = recorded(name)
    quick = fast(data, dump_of(data), INET[name])
    assert not quick.refused
    assert quick == slow(data, dump_of(data), INET[name])


def test_a_long_run_does_not_need_the_general_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    data = recorded("tcp4")
    (one, *_) = [each for each in messages(data) if each[HEADER_SIZE + 1] == ESTABLISHED]
    expected = slow(one, dump_of(one), Transport.TCP).rows * 500

    def unexpected(*_: object) -> InetRow:
        pytest.fail("a run of equal messages went through the general parser")

    monkeypatch.setattr(inet_diag, "row_at", unexpected)
    assert fast(one * 500, dump_of(one), Transport.TCP).rows == expected


POOL = sorted({each for name in INET for each in messages(recorded(name)) if len(each) > 20})


def renumbered(message: bytes) -> bytes:
    """The same message as an answer to request 1 of port id 1, so that all can be mixed."""
    return message[:8] + struct.pack("=II", 1, 1) + message[16:]


runs = st.lists(
    st.tuples(st.sampled_from(POOL).map(renumbered), st.integers(min_value=1, max_value=9)),
    max_size=12,
).map(lambda pairs: b"".join(message * count for message, count in pairs))
"""Messages of every kind, in runs of any length and in any order."""


@given(runs)
def test_any_mixture_is_read_as_message_by_message(data: bytes) -> None:
    quick = fast(data, Dump(1, 1), Transport.TCP)
    assert not quick.refused
    assert quick == slow(data, Dump(1, 1), Transport.TCP)


def flipped(data: bytes, bits: list[int]) -> bytes:
    changed = bytearray(data)
    for bit in bits:
        changed[bit // 8 % len(changed)] ^= 1 << bit % 8
    return bytes(changed)


@given(
    runs.filter(len),
    st.lists(st.integers(min_value=0, max_value=1 << 20), max_size=4),
    st.integers(min_value=0, max_value=1 << 16),
)
def test_broken_bytes_are_refused_or_read_as_message_by_message(
    data: bytes, bits: list[int], cut: int
) -> None:
    broken = flipped(data, bits)[: max(1, len(data) - cut % (2 * len(data)))]
    assert fast(broken, Dump(1, 1), Transport.TCP) == slow(broken, Dump(1, 1), Transport.TCP)


@given(
    st.sampled_from([name for name in INET if len(recorded(name)) > 100]),
    st.lists(st.integers(min_value=0, max_value=1 << 20), min_size=1, max_size=30),
)
def test_a_recording_with_flipped_bits_is_refused_or_read_alike(name: str, bits: list[int]) -> None:
    dump = dump_of(recorded(name))
    again = Dump(dump.port_id, dump.sequence)
    broken = flipped(recorded(name), bits)
    assert fast(broken, dump, INET[name]) == slow(broken, again, INET[name])


@pytest.mark.parametrize("at", [HEADER_SIZE, HEADER_SIZE + 1])
def test_an_unknown_family_or_state_is_refused(at: int) -> None:
    data = recorded("tcp4")
    (one, *_) = [each for each in messages(data) if each[HEADER_SIZE + 1] == ESTABLISHED]
    odd = bytearray(one)
    odd[at] = 99
    for broken in (bytes(odd), one * 20 + bytes(odd), one * 20 + bytes(odd) * 20):
        with pytest.raises(BrokenMessage, match="unknown kind"):
            InetParser(dump_of(one), Transport.TCP).feed(bytearray(broken), len(broken))


def test_an_interruption_within_a_run_is_noticed() -> None:
    data = recorded("tcp4")
    (one, *_) = [each for each in messages(data) if each[HEADER_SIZE + 1] == ESTABLISHED]
    changed = bytearray(one)
    changed[6] |= 0x10
    quick = fast(one * 20 + bytes(changed) + one * 20, dump_of(one), Transport.TCP)
    assert (len(quick.rows), quick.interrupted) == (41, True)


def test_a_request_carries_protocol_family_and_states() -> None:
    message = dump_request(Transport.UDP, AF_INET6, 1 << CLOSE, 3)
    assert message[HEADER_SIZE : HEADER_SIZE + 8] == struct.pack("=BBBBI", 10, 17, 0, 0, 1 << 7)
    assert len(message) == HEADER.unpack_from(message)[0] == 72


def test_a_kernel_without_mptcp_does_not_take_the_request_for_one_about_tcp() -> None:
    message = bytearray(dump_request(Transport.MPTCP, AF_INET, 1 << LISTEN, 3))
    assert message[HEADER_SIZE + 1] == 0
    ((kind, start, end),) = attributes(message, 72, len(message))
    assert (kind, bytes(message[start:end])) == (3, struct.pack("=I", 262))


@pytest.mark.parametrize(
    ("family", "text"),
    [
        (AF_INET, "127.0.0.1"),
        (AF_INET, "0.0.0.0"),
        (AF_INET6, "::"),
        (AF_INET6, "::1"),
        (AF_INET6, "::ffff:127.0.0.1"),
        (AF_INET6, "fe80::1"),
    ],
)
def test_addresses_are_written_as_inet_ntop_does(family: int, text: str) -> None:
    assert address_text(inet_pton(family, text).ljust(16, b"\0"), family) == text
