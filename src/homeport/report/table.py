"""A table for people: as wide as the terminal, never wider, no line ever broken.

What does not fit is first cut in the columns that bear it; then whole columns go, the least
needed first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.record import NamedTuple
from homeport.report.style import Role, Style, columns, cut, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

GAP = 2


class Column(NamedTuple):
    """A column: its title, the width below which it is better left out, and its rank.

    A narrow terminal drops the column of the highest rank first; rank 0 always stays.
    """

    title: str
    least: int
    rank: int
    role: Role = Role.PLAIN


class Section(NamedTuple):
    """Rows under a heading; all sections of a table share their columns.

    A cell is text, or text with a role of its own.
    """

    heading: str
    rows: Sequence[Sequence[Cell]]


class Painted(NamedTuple):
    """A cell that has another role than its column, or a shorter text for where it is narrow.

    `whole` is the end of the shorter text that is never cut: before it the text is.
    """

    text: str
    role: Role | None = None
    short: str = ""
    whole: str = ""


Cell = str | Painted


def render(table: Sequence[Column], sections: Iterable[Section], style: Style) -> list[str]:
    """The lines of a table; columns that are empty in every row are left out."""
    filled = [
        Section(section.heading, [[_clean(cell) for cell in row] for row in section.rows])
        for section in sections
    ]
    natural = _natural_widths(table, [row for section in filled for row in section.rows])
    widths = _fitted(table, natural, style.width)
    titles = [Painted(column.title, Role.FAINT) for column in table]
    lines = [_line(table, titles, widths, style)] if widths else []
    for section in filled:
        if section.heading:
            lines += [*([""] if len(lines) > 1 else []), heading(section.heading, style)]
        lines += [_line(table, row, widths, style) for row in section.rows]
    return lines


def _clean(cell: Cell) -> Cell:
    if isinstance(cell, str):
        return printable(cell)
    return Painted(printable(cell.text), cell.role, printable(cell.short), printable(cell.whole))


def text_of(cell: Cell) -> str:
    """The text of a cell."""
    return cell if isinstance(cell, str) else cell.text


def _natural_widths(table: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> dict[int, int]:
    """What each column that is not empty would like to have."""
    widths = {}
    for place, column in enumerate(table):
        widest = max((columns(text_of(row[place])) for row in rows), default=0)
        if widest:
            widths[place] = max(widest, len(column.title))
    return widths


def _fitted(table: Sequence[Column], natural: dict[int, int], width: int | None) -> dict[int, int]:
    """The columns that are shown, with their widths."""
    if width is None or _total(natural.values()) <= width:
        return natural
    least = {place: min(wish, table[place].least) for place, wish in natural.items()}
    shown = dict(least)
    for place in _by_rank(table, natural, reverse=True):
        if _total(shown.values()) <= width or not table[place].rank:
            break
        del shown[place]
    for place in _by_rank(table, natural):
        # A narrow column may fit where a wider one of a better rank did not.
        if place not in shown and _total(shown.values()) + GAP + least[place] <= width:
            shown[place] = least[place]
    return _widened(table, natural, dict(sorted(shown.items())), width)


def _by_rank(table: Sequence[Column], places: Iterable[int], *, reverse: bool = False) -> list[int]:
    return sorted(places, key=lambda place: table[place].rank, reverse=reverse)


def _total(widths: Iterable[int]) -> int:
    each = list(widths)
    return sum(each) + GAP * (len(each) - 1)


def _widened(
    table: Sequence[Column], natural: dict[int, int], least: dict[int, int], width: int
) -> dict[int, int]:
    """The spare width, given to the columns that are needed most; or what is too much, taken."""
    spare = width - _total(least.values())
    widths = dict(least)
    while spare < 0 and max(widths.values()) > 1:
        widest = max(widths, key=lambda place: widths[place])
        widths[widest] -= 1
        spare += 1
    for place in _by_rank(table, least):
        given = max(0, min(spare, natural[place] - widths[place]))
        widths[place] += given
        spare -= given
    return widths


def heading(text: str, style: Style) -> str:
    """A line of its own above rows."""
    return style.paint(fitted(printable(text), style), Role.HEADING)


def fitted(text: str, style: Style) -> str:
    """A line, cut where the terminal ends."""
    return text if style.width is None else cut(text, style.width, style)


def _line(
    table: Sequence[Column], row: Sequence[Cell], widths: dict[int, int], style: Style
) -> str:
    parts = []
    for place, width in widths.items():
        cell = row[place]
        text, role = _shown(cell, table[place], width)
        if len(text) > width or not text.isascii():
            text = _cut(cell, text, width, style)
        parts.append(style.paint(text, role) if style.color else text)
        parts.append(" " * (width - columns(text) + GAP))
    return "".join(parts).rstrip()


def _cut(cell: Cell, text: str, width: int, style: Style) -> str:
    whole = "" if isinstance(cell, str) else cell.whole
    room = width - columns(whole)
    if not whole or columns(text) <= width:
        return cut(text, width, style)
    if room > 0:
        return cut(text.removesuffix(whole), room, style) + whole
    return cut(whole.lstrip(), width, style)


def _shown(cell: Cell, column: Column, width: int) -> tuple[str, Role]:
    """The text of a cell, the shorter one where the other does not fit, and its role."""
    if isinstance(cell, str):
        return cell, column.role
    role = column.role if cell.role is None else cell.role
    too_long = cell.short and columns(cell.text) > width
    return cell.short if too_long else cell.text, role
