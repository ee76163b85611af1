from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from homeport.model.log import LogLine
from homeport.wire.log_lines import format_line, parse_line


@given(
    st.integers(0, 4_000_000_000_000), st.text(st.characters(min_codepoint=32, max_codepoint=126))
)
def test_a_line_comes_out_as_it_went_in(time_ms: int, text: str) -> None:
    line = LogLine(time_ms * 1_000_000, text)
    assert parse_line(format_line(line).removesuffix(b"\n")) == line


@given(st.binary(max_size=100))
@example(b"0001-01-01T00:00:00.000Z x")
@example(b"9999-12-31T23:59:59.999Z x")
@example(b"2026-W01-1T00:00:00.000Z x")
@example(b"2026-01-01T00:00:00+99:99Z x")
def test_anything_may_be_in_the_file(data: bytes) -> None:
    line = parse_line(data)
    assert line.time_ns is None or isinstance(line.time_ns, int)
