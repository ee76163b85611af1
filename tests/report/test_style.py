from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.report.style import Role, Style, columns, cut, padded, printable

ANYTHING = st.text(st.characters(codec=None), max_size=40)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgres", "postgres"),
        ("größe 数据", "größe 数据"),
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("a\nb\tc\x00", "a\\nb\\tc\\x00"),
        ("\u202eexe.txt", "\\u202eexe.txt"),
        ("a\u200bb", "a\\u200bb"),
        ("a\udcffb", "a\\xffb"),
        ("\ud800", "\\ud800"),
        ("\x9b31m", "\\x9b31m"),
    ],
)
def test_what_is_not_shown_as_itself_is_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(ANYTHING)
def test_no_text_keeps_a_character_that_a_terminal_obeys(text: str) -> None:
    assert printable(text).isprintable()


@pytest.mark.parametrize(
    ("text", "width"), [("abc", 3), ("größe", 5), ("数据", 4), ("e\u0301", 1), ("", 0), ("→", 1)]
)
def test_columns_of_a_terminal(text: str, width: int) -> None:
    assert columns(text) == width


@given(ANYTHING.map(printable), st.integers(1, 50), st.booleans())
def test_a_cut_text_fits_and_an_uncut_one_is_whole(text: str, width: int, fancy: bool) -> None:  # noqa: FBT001  (hypothesis passes by position)
    result = cut(text, width, Style(unicode=fancy))
    assert columns(result) <= width
    assert result == text or columns(text) > width


def test_a_wide_character_is_never_split() -> None:
    assert cut("数据库服务", 6, Style()) == "数据…"
    assert cut("数据库服务", 7, Style()) == "数据库…"
    assert cut("postgres", 6, Style(unicode=False)) == "pos..."


def test_padding_counts_columns_and_not_characters() -> None:
    assert padded("数", 4) == "数  "


def test_without_colour_nothing_is_painted() -> None:
    assert Style().paint("x", Role.BAD) == "x"
    assert Style(color=True).paint("x", Role.BAD) == "\x1b[31mx\x1b[0m"
    assert Style(color=True).paint("", Role.BAD) == ""
