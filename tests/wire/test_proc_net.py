"""The text tables: times, byte order, paths that imitate lines, and broken lines."""

from __future__ import annotations

from socket import AF_INET, AF_INET6

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.model.endpoint import Transport
from homeport.model.errors import BrokenMessage
from homeport.wire.inet_diag import InetRow, address_text
from homeport.wire.proc_net import inet_rows, unix_rows
from homeport.wire.unix_diag import UnixRow
from tests.wire.recordings import PLACE

TIME_WAIT, CLOSE, LISTEN = 6, 7, 10
TABLES = {
    "tcp": Transport.TCP,
    "tcp6": Transport.TCP,
    "udp": Transport.UDP,
    "udp6": Transport.UDP,
}
HEADING = b"Num       RefCount Protocol Flags    Type St Inode Path\n"


def rows_of(table: str, *, listening_only: bool = False) -> list[InetRow]:
    text = (PLACE / f"{table}.txt").read_bytes()
    return inet_rows(text, TABLES[table], listening_only=listening_only)


def test_listening_only_keeps_listeners_and_udp_without_a_peer() -> None:
    assert {row.state for row in rows_of("tcp", listening_only=True)} == {LISTEN}
    udp = rows_of("udp", listening_only=True)
    assert {row.state for row in udp} == {CLOSE}
    assert len(udp) == len(rows_of("udp")) - 1


def test_addresses_are_in_network_order() -> None:
    assert {address_text(row.local, row.family) for row in rows_of("tcp")} == {
        "127.0.0.1",
        "0.0.0.0",
    }
    assert {address_text(row.local, row.family) for row in rows_of("tcp6")} == {
        "::1",
        "::",
        "::ffff:127.0.0.1",
    }
    assert {row.family for row in rows_of("tcp")} == {AF_INET}
    assert {row.family for row in rows_of("udp6")} == {AF_INET6}


def test_time_wait_says_how_long_it_lasts_in_milliseconds() -> None:
    (row,) = [row for row in rows_of("tcp") if row.state == TIME_WAIT]
    assert row.timer == 3
    assert 50_000 < row.expires_ms <= 60_000


def test_what_the_table_does_not_tell_is_none() -> None:
    (row, *_) = rows_of("tcp6", listening_only=True)
    assert (row.v6only, row.cookie, row.cgroup_id, row.send_queue) == (None, None, None, None)


def unix_line(path: bytes) -> bytes:
    return b"0000000000000000: 00000002 00000000 00010000 0001 01 4711" + path + b"\n"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (b"", None),
        (b" /a", b"/a"),
        (b" /with a blank ", b"/with a blank "),
        (b" /line\nend", b"/line\nend"),
        (b" /two\n\nends\n", b"/two\n\nends\n"),
        (b" @abstract", b"\0abstract"),
        (b" /\xff", b"/\xff"),
    ],
)
def test_a_path_is_read_to_its_end(path: bytes, name: bytes | None) -> None:
    text = HEADING + unix_line(path) + unix_line(b" /next")
    assert [row.name for row in unix_rows(text, listening_only=True)] == [name, b"/next"]


@pytest.mark.parametrize(
    "line",
    [
        b"nonsense",
        b"   0: 0100007F:0050",
        b"   0: 0100007F:10050 00000000:0000 0A 0:0 00:0 0 0 0 1",
        b"   0: 0100007F:0050 00000000:0000 63 0:0 00:0 0 0 0 1",
        b"   0: 0100007F00:0050 00000000:0000 0A 0:0 00:0 0 0 0 1",
        b"   0: 0100007F:0050 00000000:0000 0A 0:0 00:0 0 0 0 -1.5",
    ],
)
def test_a_broken_line_is_refused(line: bytes) -> None:
    with pytest.raises(BrokenMessage, match="/proc/net"):
        inet_rows(b"heading\n" + line + b"\n", Transport.TCP, listening_only=False)
    with pytest.raises(BrokenMessage, match="/proc/net"):
        unix_rows(HEADING + line + b"\n", listening_only=False)


def test_an_empty_table_has_no_rows() -> None:
    for text in (b"", b"heading", b"heading\n"):
        assert inet_rows(text, Transport.TCP, listening_only=False) == []
        assert unix_rows(text, listening_only=False) == []


damage = st.lists(
    st.tuples(st.integers(min_value=0, max_value=1 << 16), st.integers(min_value=0, max_value=255)),
    max_size=8,
)


def damaged(table: str, changes: list[tuple[int, int]]) -> bytes:
    text = bytearray((PLACE / f"{table}.txt").read_bytes())
    for at, byte in changes:
        text[at % len(text)] = byte
    return bytes(text)


@given(table=st.sampled_from(sorted(TABLES)), changes=damage, listening_only=st.booleans())
def test_damaged_tables_are_refused_and_nothing_else_happens(
    *, table: str, changes: list[tuple[int, int]], listening_only: bool
) -> None:
    try:
        found = inet_rows(damaged(table, changes), TABLES[table], listening_only=listening_only)
    except BrokenMessage:
        return
    assert all(isinstance(row, InetRow) for row in found)
    assert all(0 <= row.local_port <= 65535 and len(row.local) == 16 for row in found)


@given(changes=damage, listening_only=st.booleans())
def test_a_damaged_unix_table_is_refused_and_nothing_else_happens(
    *, changes: list[tuple[int, int]], listening_only: bool
) -> None:
    try:
        found = unix_rows(damaged("unix", changes), listening_only=listening_only)
    except BrokenMessage:
        return
    assert all(isinstance(row, UnixRow) for row in found)
