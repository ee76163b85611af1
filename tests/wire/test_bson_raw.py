from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.model.errors import BrokenMessage
from homeport.wire import bson
from homeport.wire.bson_raw import (
    answer_in,
    built,
    elements,
    found,
    message,
    text,
    text_of,
)

values = st.recursive(
    st.booleans() | st.integers(-(2**31), 2**31 - 1) | st.text("aä\n€😀") | st.binary(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc"), inner, max_size=3),
    max_leaves=10,
)
documents = st.dictionaries(st.text("abcü$."), values, max_size=5)

# One of each type that bson.encode does not write.
EVERY_TYPE = b"".join(
    (
        b"\x01d\0" + bytes(8),
        b"\x06u\0",
        b"\x07o\0" + bytes(12),
        b"\x0bre\0" + b"a.*\0i\0",
        b"\x0cp\0" + b"\x02\0\0\0a\0" + bytes(12),
        b"\x0dj\0" + b"\x02\0\0\0a\0",
        b"\x0fw\0" + b"\x13\0\0\0" + b"\x02\0\0\0a\0" + b"\x05\0\0\0\0" + bytes(4),
        b"\x13n\0" + bytes(16),
        b"\xffl\0\x7fm\0",
    )
)
EVERYTHING = (len(EVERY_TYPE) + 5).to_bytes(4, "little") + EVERY_TYPE + b"\0"


@given(documents)
def test_what_is_taken_apart_is_put_together_again(document: dict[str, bson.Value]) -> None:
    data = bson.encode(document)
    assert built(elements(data)) == data
    assert [each.name for each in elements(data)] == list(document)


def test_every_type_passes_through() -> None:
    names = [each.name for each in elements(EVERYTHING)]
    assert names == ["d", "u", "o", "re", "p", "j", "w", "n", "l", "m"]
    assert built(elements(EVERYTHING)) == EVERYTHING


def test_a_path_leads_into_a_document() -> None:
    data = bson.encode({"a": 1, "cursor": {"id": 0, "ns": "shop.fruit"}})
    element = found(data, "cursor", "ns")
    assert element is not None
    assert text_of(element) == "shop.fruit"
    assert text_of(element._replace(kind=1)) == ""
    assert found(data, "cursor", "nothing") is None
    assert text("ns", "shop.fruit") == element


def test_an_answer_is_to_its_question() -> None:
    data = bson.encode({"ok": 1})
    answer = message(0, data)[:8] + (7).to_bytes(4, "little") + message(0, data)[12:]
    assert answer_in(7, answer) == data
    for broken in (answer[:-1], answer[:20], answer + b"x"):
        with pytest.raises(BrokenMessage):
            answer_in(7, broken)
    with pytest.raises(BrokenMessage):
        answer_in(8, answer)


@given(st.binary(max_size=60) | st.binary(max_size=60).map(lambda cut: EVERYTHING[: len(cut)]))
def test_anything_else_is_broken_and_no_more(data: bytes) -> None:
    try:
        assert built(elements(data)) == data
    except BrokenMessage:
        return


@given(st.integers(0, len(EVERYTHING) - 1), st.integers(0, 255))
def test_a_changed_byte_is_broken_and_no_more(at: int, byte: int) -> None:
    data = EVERYTHING[:at] + bytes([byte]) + EVERYTHING[at + 1 :]
    try:
        for element in elements(data):
            found(element.value, "a")
    except BrokenMessage:
        return
