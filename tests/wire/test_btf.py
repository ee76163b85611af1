"""Type descriptions: what is found in them, and that no bytes can do more than be refused."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.model.errors import BrokenMessage
from homeport.wire.btf import Btf, build_id

if TYPE_CHECKING:
    import random

KERNEL = Path("/sys/kernel/btf/vmlinux")
STRUCT, UNION, FUNC, INT, FUNC_PROTO = 4, 5, 12, 1, 13


class Types:
    """Writes the format, as little of it as the tests need."""

    def __init__(self) -> None:
        self.strings = b"\0"
        self.types = b""

    def name(self, text: str) -> int:
        """The place of a string, which is there once."""
        whole = text.encode() + b"\0"
        if not text:
            return 0
        if b"\0" + whole not in self.strings:
            self.strings += whole
        return self.strings.index(b"\0" + whole) + 1

    def add(self, kind: int, name: str, parts: bytes = b"", count: int = 0, flag: int = 0) -> None:
        """A type with `count` parts."""
        info = flag << 31 | kind << 24 | count
        self.types += struct.pack("=III", self.name(name), info, 0) + parts

    def record(self, kind: int, name: str, *members: tuple[str, int, int], flag: int = 0) -> None:
        """A struct or union of (name, type, offset in bits)."""
        parts = b"".join(struct.pack("=III", self.name(m), t, bits) for m, t, bits in members)
        self.add(kind, name, parts, len(members), flag)

    def data(self) -> bytes:
        """The whole file."""
        sizes = (0, len(self.types), len(self.types), len(self.strings))
        header = struct.pack("=HBBIIIII", 0xEB9F, 1, 0, 24, *sizes)
        return header + self.types + self.strings


def example() -> bytes:
    """Some of everything."""
    types = Types()
    types.add(INT, "int", bytes(4))
    types.record(UNION, "", ("number", 1, 0), ("letter", 1, 0))
    types.record(STRUCT, "file", ("flags", 1, 0), ("", 2, 64), ("file", 1, 96), ("odd", 1, 129))
    types.add(FUNC_PROTO, "", bytes(16), count=2)
    types.add(FUNC, "file_open", count=1)
    types.record(STRUCT, "packed", ("bits", 1, 5 << 24 | 40), flag=1)
    types.add(FUNC, "packed")
    return types.data()


def test_members_are_found_also_through_what_has_no_name() -> None:
    types = Btf(example())
    assert types.offset("file", "flags") == 0
    assert types.offset("file", "letter") == 8
    assert types.offset("file", "file") == 12


def test_the_size_of_a_bit_field_is_no_part_of_its_offset() -> None:
    assert Btf(example()).offset("packed", "bits") == 5


def test_functions_are_numbered_from_one() -> None:
    types = Btf(example())
    assert types.function_id("file_open") == 5
    assert types.function_id("packed") == 7


@pytest.mark.parametrize(
    ("record", "member"),
    [("file", "missing"), ("missing", "flags"), ("file_open", "flags"), ("file", "odd")],
)
def test_what_is_not_there_is_refused(record: str, member: str) -> None:
    with pytest.raises(BrokenMessage):
        Btf(example()).offset(record, member)


@pytest.mark.parametrize("name", ["int", "missing", "ile_open", ""])
def test_what_is_no_function_is_refused(name: str) -> None:
    with pytest.raises(BrokenMessage):
        Btf(example()).function_id(name)


def test_an_unknown_kind_is_refused() -> None:
    types = Types()
    types.add(31, "new")
    with pytest.raises(BrokenMessage, match="kind 31"):
        Btf(types.data())


def test_a_struct_that_holds_itself_comes_to_an_end() -> None:
    types = Types()
    types.record(STRUCT, "loop", ("", 1, 0))
    types.add(INT, "other", bytes(4))
    with pytest.raises(BrokenMessage):
        Btf(types.data()).offset("loop", "other")


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    ask(data)


@given(st.randoms(use_true_random=False))
def test_cut_and_flipped_bytes_are_read_or_refused(chance: random.Random) -> None:
    data = bytearray(example())
    if chance.random() < 0.3:
        del data[chance.randrange(len(data)) :]
    else:
        for _ in range(chance.randrange(1, 5)):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    ask(bytes(data))


def test_every_flipped_bit_of_the_header_is_read_or_refused() -> None:
    for bit in range(24 * 8):
        data = bytearray(example())
        data[bit // 8] ^= 1 << bit % 8
        ask(bytes(data))


def ask(data: bytes) -> None:
    """The questions of the program, of bytes that may be anything."""
    try:
        types = Btf(data)
        assert types.function_id("file_open") > 0
        assert types.offset("file", "letter") >= 0
    except BrokenMessage:
        return


def test_this_kernel_has_what_every_kernel_has() -> None:
    if not KERNEL.exists():
        pytest.skip("needs a kernel with CONFIG_DEBUG_INFO_BTF")
    types = Btf(KERNEL.read_bytes())
    assert types.offset("list_head", "prev") == struct.calcsize("P")
    assert types.offset("task_struct", "tgid") - types.offset("task_struct", "pid") == 4
    assert types.function_id("schedule") > 0


def note(name: bytes, kind: int, value: bytes) -> bytes:
    """An ELF note: sizes, kind, and both parts filled up to four bytes."""
    head = struct.pack("=III", len(name), len(value), kind)
    return head + name + bytes(-len(name) % 4) + value + bytes(-len(value) % 4)


def test_the_build_id_is_found_among_other_notes() -> None:
    other = note(b"Linux\0", 257, b"abc")
    notes = other + note(b"GNU\0", 1, b"x") + note(b"GNU\0", 3, b"\xde\xad\xbe\xef\x01") + other
    assert build_id(notes) == "deadbeef01"
    assert build_id(other) is None
    assert build_id(b"") is None


@given(st.binary(max_size=100))
def test_any_notes_are_read_to_their_end(data: bytes) -> None:
    assert build_id(data) is None or data
