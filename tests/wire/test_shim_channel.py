from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.model.errors import BrokenMessage
from homeport.model.running import Exited, Gone, NotStarted, Report, Stage, Started, Unmet
from homeport.wire.shim_channel import (
    LONGEST,
    Lines,
    Stop,
    encode_report,
    encode_stop,
    parse_report,
    parse_stop,
)

REPORTS = [
    Started(17),
    Started(17, "/sys/fs/cgroup/homeport-3", (Unmet("cpus", "not here"), Unmet("processes", "no"))),
    NotStarted(Stage.DIRECTORY, 2),
    Exited(0),
    Exited(None, 11, core=True),
    Exited(None, 9, over_memory=True),
    Gone(),
    Gone(2, certain=False),
]


@pytest.mark.parametrize("report", REPORTS)
def test_a_report_comes_out_as_it_went_in(report: Report) -> None:
    (line,) = Lines().feed(encode_report(report))
    assert parse_report(line) == report


def test_a_stop_comes_out_as_it_went_in() -> None:
    assert parse_stop(encode_stop(Stop(15, 10_000)).rstrip(b"\n")) == Stop(15, 10_000)


@given(st.binary(max_size=200))
def test_anything_else_is_a_broken_message(line: bytes) -> None:
    for parse in (parse_report, parse_stop):
        with suppress(BrokenMessage):
            parse(line)


@given(st.lists(st.sampled_from(REPORTS), max_size=8), st.integers(1, 9))
def test_lines_are_put_together(reports: list[Report], size: int) -> None:
    stream = b"".join(map(encode_report, reports))
    lines = Lines()
    found = [
        parse_report(line)
        for start in range(0, len(stream), size)
        for line in lines.feed(stream[start : start + size])
    ]
    assert found == reports


def test_a_line_without_end_is_refused() -> None:
    with pytest.raises(BrokenMessage):
        Lines().feed(b"x" * (LONGEST + 1))
