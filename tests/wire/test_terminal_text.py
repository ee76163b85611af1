from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.terminal_text import (
    LONGEST_LINE,
    TerminalLines,
    only_colours,
    without_colours,
)


@pytest.mark.parametrize(
    "hostile",
    [
        "\x1b]0;title\x07",
        "\x1b]52;c;aGVsbG8=\x1b\\",
        "\x9d52;c;aGVsbG8=\x9c",
        "\x1b[2J",
        "\x1b[10;20H",
        "\x9b2J",
        "\x1b[6n",
        "\x1b[?1049h",
        "\x1bP+q544e\x1b\\",
        "\x1bc",
        "\x1b(0",
        "\x1b",
        "\x1b[",
        "\x07",
        "\x08",
        "\x0e",
        "\x7f",
        "\u202e",
        "\x1b[31;2J",
        "\x1b[>4;1m",
    ],
)
def test_what_drives_a_terminal_is_taken_out(hostile: str) -> None:
    assert only_colours(f"a{hostile}") == "a"
    assert only_colours(f"{hostile}\tz").endswith("\tz") or hostile in {"\x1b", "\x1b["}


def test_an_end_that_is_missing_takes_no_more_than_the_line() -> None:
    lines = TerminalLines().feed(b"a\x1b]0;never ends\nb\n")
    assert lines == ["a", "b"]


def test_colours_stay_and_end_with_the_line() -> None:
    assert only_colours("\x1b[1;31mred\x1b[0m") == "\x1b[1;31mred\x1b[0m"
    assert only_colours("\x1b[38;5;196mred") == "\x1b[38;5;196mred\x1b[0m"
    assert without_colours("\x1b[1;31mred\x1b[0m") == "red"


@given(st.text(alphabet=st.sampled_from("\x1b[]P;0123mHJa\x07\\\x9b\x9d\x9c\r\t ?>")))
def test_nothing_but_colours_and_tabs_is_left(text: str) -> None:
    kept = without_colours(only_colours(text))
    assert all(character.isprintable() or character == "\t" for character in kept)
    assert only_colours(only_colours(text)) == only_colours(text)


@pytest.mark.parametrize("piece", ["\x1b[", "\x1b]", "\x1b[0;", "\x1bP\x1b", "\x1b ", "\x9b0"])
def test_it_takes_no_longer_than_the_text_is_long(piece: str) -> None:
    began = time.process_time()
    only_colours(piece * 200_000)
    assert time.process_time() - began < 2


def test_lines_come_whole_whatever_the_pieces() -> None:
    printed = "eins\r\nzwei: ä €\r\n".encode()
    lines = TerminalLines()
    assert [line for byte in printed for line in lines.feed(bytes([byte]))] == ["eins", "zwei: ä €"]


def test_of_progress_the_last_state_counts() -> None:
    lines = TerminalLines()
    assert lines.feed(b" 10%\r 50%") == []
    assert lines.feed(b"\r100%\r\nnext") == ["100%"]
    assert lines.pending
    assert lines.flush() == ["next"]
    assert not lines.pending


def test_endless_lines_and_endless_progress_stay_bounded() -> None:
    lines = TerminalLines()
    found = lines.feed(b"x" * (3 * LONGEST_LINE))
    assert [len(line) for line in found] == [LONGEST_LINE, LONGEST_LINE]
    lines = TerminalLines()
    for number in range(10_000):
        assert lines.feed(b"%d %%\r" % number) == []
    assert lines.feed(b"\n") == ["9999 %"]


def test_what_is_no_text_is_replaced() -> None:
    assert TerminalLines().feed(b"\xff\xfe ok\n") == ["\ufffd\ufffd ok"]


@given(st.lists(st.binary(max_size=60)))
def test_anything_may_be_printed(pieces: list[bytes]) -> None:
    lines = TerminalLines()
    for line in [line for piece in pieces for line in lines.feed(piece)] + lines.flush():
        assert "\n" not in line
        assert len(line) <= LONGEST_LINE + 4
