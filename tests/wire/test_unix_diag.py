"""Recorded unix sockets: names of every kind, and broken answers."""

from __future__ import annotations

import struct
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.model.errors import BrokenMessage
from homeport.wire.netlink import HEADER_SIZE, Dump, KernelRefused
from homeport.wire.proc_net import unix_rows
from homeport.wire.unix_diag import UnixParser, UnixRow, dump_request, name_text
from tests.wire.recordings import PLACE, dump_of, recorded

LISTEN, CLOSED = 10, 7
DATA = recorded("unix")


def parse(data: bytes, dump: Dump) -> list[UnixRow]:
    return UnixParser(dump).feed(bytearray(data), len(data))


def rows() -> list[UnixRow]:
    return parse(DATA, dump_of(DATA))


def shortened(name: bytes) -> bytes:
    """A path without the directory, whose name was another one at every recording."""
    return name if name.startswith(b"\0") else name.rpartition(b"/")[2]


def test_names_are_the_bytes_that_were_bound() -> None:
    named = [row.name for row in rows() if row.state == LISTEN and row.name]
    autobound = [name for name in named if len(name) == 6]
    assert len(autobound) == 1
    assert {shortened(name) for name in named if name not in autobound} == {
        b"plain",
        b"with a blank",
        b"line\nend",
        "ümläut".encode(),
        b"not utf-8 \xff\xfe",
        b"\0abstract",
        b"\0nul\0within\0",
        b"packets",
    }


def test_a_listener_tells_queue_backlog_and_uid() -> None:
    listeners = [row for row in rows() if row.state == LISTEN]
    assert {row.send_queue for row in listeners} == {5}
    waiting = {PurePosixPath(name_text(row.name) or ""): row.receive_queue for row in listeners}
    assert sorted(waiting.values(), key=str) == [0] * 8 + [1]
    assert {row.uid for row in listeners} == {0}


def test_kinds_are_told() -> None:
    kinds = {shortened(row.name): row.kind for row in rows() if row.name}
    assert (kinds[b"plain"], kinds[b"packets"], kinds[b"datagrams"]) == (
        "stream",
        "seqpacket",
        "dgram",
    )


def test_a_dump_tells_the_same_as_the_text_table_of_the_same_moment() -> None:
    text = (PLACE / "unix.txt").read_bytes()

    def comparable(row: UnixRow) -> tuple[object, ...]:
        name = row.name and row.name.replace(b"\0", b"@")
        return (row.kind, row.state, row.inode, name)

    # What waits to be accepted has no inode yet, and only the text table lists it.
    accepted = [row for row in unix_rows(text, listening_only=False) if row.inode]
    told = sorted(map(comparable, accepted), key=repr)
    assert sorted(map(comparable, rows()), key=repr) == told
    alone = {row.inode for row in unix_rows(text, listening_only=True) if row.inode}
    assert alone == {row.inode for row in rows() if row.state in (LISTEN, CLOSED)}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (None, None),
        (b"/run/x", "/run/x"),
        (b"\0abstract", "@abstract"),
        (b"\0nul\0within\0", "@nul@within@"),
        ("/ü".encode(), "/ü"),
        (b"/bad\xff", "/bad\\xff"),
    ],
)
def test_names_are_written_as_ss_does_and_can_always_be_printed(
    name: bytes | None, text: str | None
) -> None:
    written = name_text(name)
    assert written == text
    assert written is None or written.encode()


def test_a_request_asks_for_names_queues_and_users() -> None:
    message = dump_request(1 << LISTEN, 3)
    assert message[HEADER_SIZE:] == struct.pack("=BBHIIIQ", 1, 0, 0, 1 << LISTEN, 0, 0x51, 0)


@given(
    st.lists(st.integers(min_value=0, max_value=1 << 16), max_size=8),
    st.integers(min_value=0, max_value=2 * len(DATA)),
)
def test_broken_bytes_are_refused_and_nothing_else_happens(bits: list[int], cut: int) -> None:
    broken = bytearray(DATA)
    for bit in bits:
        broken[bit // 8 % len(broken)] ^= 1 << bit % 8
    try:
        found = parse(bytes(broken[: max(1, cut)]), dump_of(DATA))
    except (BrokenMessage, KernelRefused):
        return
    assert all(isinstance(row, UnixRow) for row in found)
