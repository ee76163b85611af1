from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.model.errors import BrokenMessage
from homeport.wire.json_lines import LineDecoder, encode

VALUES = st.dictionaries(st.text(max_size=9), st.none() | st.integers() | st.text(), max_size=5)


@given(messages=st.lists(VALUES, max_size=6), cut=st.integers(1, 40))
def test_what_is_sent_arrives_in_whatever_pieces(
    messages: list[dict[str, object]], cut: int
) -> None:
    sent = b"".join(encode(each) for each in messages)
    decoder = LineDecoder()
    pieces = [sent[at : at + cut] for at in range(0, len(sent), cut)]
    assert [message for piece in pieces for message in decoder.feed(piece)] == messages


@given(data=st.lists(st.binary(max_size=60), max_size=20))
def test_random_bytes_are_messages_or_broken(data: list[bytes]) -> None:
    decoder = LineDecoder(limit_bytes=50)
    with suppress(BrokenMessage):
        for piece in data:
            assert all(isinstance(each, dict) for each in decoder.feed(piece))


@pytest.mark.parametrize("line", [b"[]\n", b"7\n", b"{\n", b"\n", b"[" * 40_000 + b"\n"])
def test_a_line_that_is_no_object_is_broken(line: bytes) -> None:
    with pytest.raises(BrokenMessage):
        LineDecoder().feed(line)


def test_a_line_that_never_ends_is_broken_early() -> None:
    decoder = LineDecoder(limit_bytes=100)
    with pytest.raises(BrokenMessage, match="longer than 100"):
        for _ in range(200):
            decoder.feed(b"x")


def test_short_messages_are_as_many_as_there_is_room_for() -> None:
    # As a supervisor tells of a service that counts.
    line = encode({"line": {"service": "c", "text": "1"}})
    assert len(LineDecoder().feed(line * (65536 // len(line)))) > 1500


def test_a_message_that_nobody_would_take_is_not_made() -> None:
    with pytest.raises(BrokenMessage):
        encode({"a": "x" * 200}, limit_bytes=100)
