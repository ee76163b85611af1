from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from homeport.report.style import Role, Style, columns
from homeport.report.table import Cell, Column, Painted, Section, fitted, render

TABLE = (
    Column("ENDPOINT", 12, 0),
    Column("WHAT", 6, 2),
    Column("OWNER", 6, 1),
    Column("NOTE", 4, 3),
)
ROWS: list[list[Cell]] = [
    ["127.0.0.1:5432", "postgres", "postgres 300", ""],
    ["127.0.0.1:80", "nginx", Painted("hidden", Role.CARE), ""],
]


def drawn(width: int | None, **style: bool) -> list[str]:
    return render(TABLE, [Section("Mine", ROWS)], Style(width, **style))


def test_columns_line_up_and_an_empty_one_is_left_out() -> None:
    assert drawn(None) == [
        "ENDPOINT        WHAT      OWNER",
        "Mine",
        "127.0.0.1:5432  postgres  postgres 300",
        "127.0.0.1:80    nginx     hidden",
    ]


def test_what_is_needed_least_is_cut_then_left_out() -> None:
    assert drawn(36)[2] == "127.0.0.1:5432  postg…  postgres 300"
    assert drawn(30)[2] == "127.0.0.1:5432  postg…  postg…"
    assert drawn(27)[2] == "127.0.0.1:5432  postgres 3…"
    assert drawn(24)[2] == "127.0.0.1:5432  postgre…"
    assert drawn(14)[2] == "127.0.0.1:5432"
    assert drawn(8)[2] == "127.0.0…"


def test_a_narrow_column_comes_back_where_a_better_one_had_no_room() -> None:
    table = (Column("A", 10, 0), Column("B", 20, 1), Column("C", 2, 2))
    assert render(table, [Section("", [["a" * 10, "b" * 30, "cc"]])], Style(20))[1] == (
        "aaaaaaaaaa  cc"
    )


def test_what_must_stay_whole_is_not_cut() -> None:
    owner = Painted("a-long-name 300 +2 (me)", short="a-long-name 300 +2", whole=" 300 +2")
    table = (Column("OWNER", 4, 0),)
    for width, shown in (
        (23, "a-long-name 300 +2 (me)"),
        (22, "a-long-name 300 +2"),
        (12, "a-lo… 300 +2"),
        (8, "… 300 +2"),
        (7, "300 +2"),
        (5, "300 …"),
    ):
        assert render(table, [Section("", [[owner]])], Style(width, unicode=True))[1] == shown


def test_a_cell_that_would_be_cut_is_shown_in_its_shorter_form() -> None:
    owner = Painted("postgres 300 (postgres)", short="postgres 300")
    table = (Column("ENDPOINT", 4, 0), Column("OWNER", 6, 1))
    for width, shown in (
        (33, "8000      postgres 300 (postgres)"),
        (32, "8000      postgres 300"),
    ):
        assert render(table, [Section("", [["8000", owner]])], Style(width))[1] == shown


def test_sections_share_their_columns_and_an_empty_heading_is_no_line() -> None:
    lines = render(TABLE, [Section("", ROWS[:1]), Section("Others", ROWS[1:])], Style())
    assert [line.split("  ")[0] for line in lines] == [
        "ENDPOINT",
        "127.0.0.1:5432",
        "",
        "Others",
        "127.0.0.1:80",
    ]


def test_colours_do_not_move_anything() -> None:
    painted = drawn(30, color=True)
    assert any("\x1b[33m" in line for line in drawn(None, color=True))
    assert [re.sub(r"\x1b\[\d*m", "", line) for line in painted] == drawn(30)


def test_cells_from_outside_cannot_speak_to_the_terminal() -> None:
    lines = render(TABLE, [Section("a\x1b[2J", [["\x1b[2J\n", "w", "o", "\u202e"]])], Style())
    assert all(line.isprintable() for line in lines)


def test_no_rows_are_no_table() -> None:
    assert render(TABLE, [], Style(80)) == []


@given(
    st.lists(st.lists(st.text(max_size=30), min_size=4, max_size=4), max_size=5),
    st.integers(1, 90),
    st.booleans(),
)
def test_no_line_is_wider_than_the_terminal(
    rows: list[list[Cell]],
    width: int,
    fancy: bool,  # noqa: FBT001  (hypothesis passes by position)
) -> None:
    lines = render(TABLE, [Section("A heading", rows)], Style(width, unicode=fancy))
    assert all(columns(line) <= width for line in lines)
    assert len(lines) in {0, 1, len(rows) + 1, len(rows) + 2}


def test_a_line_of_its_own_is_cut_as_well() -> None:
    assert fitted("The owner is hidden", Style(10)) == "The owner…"
    assert fitted("The owner is hidden", Style()) == "The owner is hidden"
