"""Framing: what is cut off, contradicts itself or answers somebody else is refused."""

from __future__ import annotations

import struct

import pytest

from homeport.model.errors import BrokenMessage
from homeport.wire.netlink import (
    DONE,
    ERROR,
    HEADER,
    Dump,
    KernelRefused,
    attribute,
    attributes,
    request,
)
from tests.wire.recordings import dump_of, recorded

DATA = 20


def message(kind: int, payload: bytes = b"", *, flags: int = 2, sequence: int = 7) -> bytearray:
    return bytearray(HEADER.pack(16 + len(payload), kind, flags, sequence, 4242) + payload)


def accept(data: bytearray) -> Dump:
    dump = Dump(4242, 7)
    dump.data_at(data, 0, len(data))
    return dump


def test_a_request_states_its_length_and_asks_for_a_dump() -> None:
    length, kind, flags, sequence, port_id = HEADER.unpack_from(request(DATA, 9, b"abcd"))
    assert (length, kind, flags, sequence, port_id) == (20, DATA, 0x301, 9, 0)


def test_an_attribute_is_padded_to_four_bytes_and_read_back_without_padding() -> None:
    data = bytearray(attribute(5, b"x") + attribute(0x8000 | 6, b"four"))
    assert [
        (kind, bytes(data[start:end])) for kind, start, end in attributes(data, 0, len(data))
    ] == [
        (5, b"x"),
        (6, b"four"),
    ]


@pytest.mark.parametrize("length", [0, 3, 9, 0xFFFF])
def test_an_attribute_of_an_impossible_length_is_refused(length: int) -> None:
    data = bytearray(struct.pack("=HH", length, 1) + b"abcd")
    with pytest.raises(BrokenMessage, match="attribute"):
        list(attributes(data, 0, len(data)))


@pytest.mark.parametrize("length", [0, 15, 21, 0xFFFFFFFF])
def test_a_message_of_an_impossible_length_is_refused(length: int) -> None:
    data = message(DATA, b"abcd")
    data[:4] = struct.pack("=I", length)
    with pytest.raises(BrokenMessage, match="longer than"):
        accept(data)


def test_a_header_that_is_cut_off_is_refused() -> None:
    with pytest.raises(BrokenMessage, match="within its header"):
        accept(message(DATA)[:15])


def test_a_message_for_another_request_is_refused() -> None:
    with pytest.raises(BrokenMessage, match="another request"):
        accept(message(DATA, sequence=6))


def test_the_end_of_a_dump_is_noticed() -> None:
    assert accept(message(DONE, struct.pack("=i", 0))).done
    assert not accept(message(DATA)).done


def test_an_interrupted_dump_is_noticed() -> None:
    assert accept(message(DATA, flags=2 | 0x10)).interrupted
    assert not accept(message(DATA)).interrupted


@pytest.mark.parametrize("kind", [ERROR, DONE])
def test_an_error_carries_its_number(kind: int) -> None:
    with pytest.raises(KernelRefused) as caught:
        accept(message(kind, struct.pack("=i", -13)))
    assert caught.value.errno == 13


@pytest.mark.parametrize("kind", [ERROR, DONE])
def test_an_end_without_its_number_is_refused(kind: int) -> None:
    with pytest.raises(BrokenMessage, match="cut off"):
        accept(message(kind, b"\0\0"))


@pytest.mark.parametrize("kind", [0, 1, 4])
def test_other_control_messages_have_no_place_in_a_dump(kind: int) -> None:
    with pytest.raises(BrokenMessage, match=f"kind {kind}"):
        accept(message(kind, b"\0\0\0\0"))


@pytest.mark.parametrize(("name", "errno"), [("unknown-protocol", 2), ("refused", 22)])
def test_recorded_refusals_are_understood(name: str, errno: int) -> None:
    data = recorded(name)
    with pytest.raises(KernelRefused) as caught:
        dump_of(data).data_at(bytearray(data), 0, len(data))
    assert caught.value.errno == errno
