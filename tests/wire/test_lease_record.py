"""What stands in a lease's lock file, and what could stand there instead."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from homeport.model.lease import LeaseKey
from homeport.wire.lease_record import LeaseRecord, format_record, parse_record

TEXT = st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]))


@given(st.integers(0, 999_999_999), st.one_of(st.none(), st.builds(LeaseKey, TEXT, TEXT)))
def test_what_was_written_is_read(pid: int, key: LeaseKey | None) -> None:
    assert parse_record(format_record(pid, key)) == LeaseRecord(pid, key)


@given(st.integers(0, 999_999_999), st.integers(0, 999_999_999))
def test_one_pid_overwrites_another(first: int, second: int) -> None:
    assert len(format_record(first, None)) == len(format_record(second, None))


@given(st.binary())
def test_anything_else_is_survived(data: bytes) -> None:
    assert isinstance(parse_record(data), LeaseRecord)


@given(st.integers(0, 9999), TEXT, st.integers(0, 40))
def test_a_record_cut_short_names_no_key_that_is_not_there(pid: int, name: str, cut: int) -> None:
    whole = format_record(pid, LeaseKey("/p", name))
    found = parse_record(whole[:cut])
    assert found.key in {None, LeaseKey("/p", name)}


def test_bytes_that_are_no_utf_8_come_back() -> None:
    key = LeaseKey(b"/caf\xe9".decode("utf-8", "surrogateescape"), "web")
    assert parse_record(format_record(1, key)).key == key
