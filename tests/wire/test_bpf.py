"""The program for the kernel: its form, its filter, and what it answers.

That kernels take it, and that it tells the truth, is tested in tests/host/test_owners.py.
"""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.model.errors import BrokenMessage
from homeport.wire.bpf import FILTER_SIZE, Offsets, filter_table, offsets, parse, program
from homeport.wire.btf import Btf
from tests.wire.test_btf import FUNC, STRUCT, Types

# The name takes two loads of 8 bytes.
AT = Offsets(9, *range(32, 32 + 11 * 16, 16))
RECORD = "=QQII16sI4x"
EXIT, JUMP_EQUAL = 0x95, 0x15


def instructions(code: bytes) -> list[tuple[int, int, int, int]]:
    """Operation, registers, offset, constant."""
    return list(struct.iter_unpack("<BBhi", code))


@pytest.mark.parametrize("filter_map", [None, 12])
def test_every_jump_leads_to_the_end(filter_map: int | None) -> None:
    code = instructions(program(AT, filter_map))
    assert code[-1][0] == EXIT
    jumps = [(at, each) for at, each in enumerate(code) if each[0] == JUMP_EQUAL]
    assert len(jumps) == (4 if filter_map is None else 5)
    assert {at + 1 + offset for at, (_, _, offset, _) in jumps} == {len(code) - 2}


def test_the_filter_is_named_by_its_descriptor() -> None:
    code = instructions(program(AT, 12))
    at = next(place for place, each in enumerate(code) if each[0] == 0x18)
    assert code[at : at + 2] == [(0x18, 2 | 2 << 4, 0, 12), (0, 0, 0, 0)]
    assert not [each for each in instructions(program(AT)) if each[0] == 0x18]


def test_every_offset_is_used_once() -> None:
    used = [offset for _, _, offset, _ in instructions(program(AT))]
    assert all(used.count(offset) == 1 for offset in AT[1:])


@given(st.sets(st.integers(0, (1 << 64) - 1), max_size=50), st.integers(0, (1 << 64) - 1))
def test_what_is_wanted_passes_the_filter(wanted: set[int], other: int) -> None:
    table = filter_table(wanted)
    assert all(table[inode & FILTER_SIZE - 1] for inode in wanted)
    assert sum(table) <= len(wanted)
    if other & FILTER_SIZE - 1 not in {inode & FILTER_SIZE - 1 for inode in wanted}:
        assert not table[other & FILTER_SIZE - 1]


def test_records_are_told_apart() -> None:
    record = (7, 10_000_000, 42, 4_026_531_840, b"nginx".ljust(16, b"\0"), 33)
    assert list(parse(struct.pack(RECORD, *record) * 2)) == [record] * 2
    assert list(parse(b"")) == []


@given(st.binary(max_size=100))
def test_an_answer_that_is_cut_short_is_refused(answer: bytes) -> None:
    if len(answer) % struct.calcsize(RECORD):
        with pytest.raises(BrokenMessage):
            parse(answer)
    else:
        assert len(list(parse(answer))) == len(answer) // struct.calcsize(RECORD)


TASK = (("tgid", 1268), ("group_leader", 1328), ("comm", 1664), ("real_cred", 1640))


def kernel(task_start: int = 1560) -> bytes:
    """The types of a kernel, as far as the program asks."""
    types = Types()
    types.add(FUNC, "bpf_iter_task_file")
    for record, *members in (
        ("file", ("f_inode", 32)),
        ("inode", ("i_ino", 64)),
        ("task_struct", *TASK, ("start_boottime", task_start)),
        ("cred", ("euid", 24)),
        ("socket", ("sk", 24)),
        ("sock", ("__sk_common", 8)),
        ("sock_common", ("skc_net", 48)),
        ("net", ("ns", 100)),
        ("ns_common", ("inum", 16)),
    ):
        types.record(STRUCT, record, *((name, 0, offset * 8) for name, offset in members))
    return types.data()


def test_offsets_come_from_the_kernels_types() -> None:
    assert offsets(Btf(kernel())) == Offsets(
        *(1, 32, 64, 1268, 1328, 1560, 1664, 1640, 24, 24, 56, 116)
    )


def test_what_an_instruction_cannot_reach_is_refused() -> None:
    with pytest.raises(BrokenMessage, match="farther"):
        offsets(Btf(kernel(task_start=40_000)))
