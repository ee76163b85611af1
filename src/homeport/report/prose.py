"""Running text in columns: sentences under headings, wrapped and never wider than the terminal."""

from __future__ import annotations

from homeport.report.style import Role, Style, columns, cut, padded, printable
from homeport.report.table import heading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

PIPE_WIDTH = 80
"""Where sentences are wrapped when nothing limits the width."""

_INDENT = "  "
_NARROWEST = 20


def wrapped(text: str, style: Style, *, first: str = "", rest: str = "") -> list[str]:
    """A sentence in lines, broken at blanks; a word that is too long for a line is broken too.

    `first` stands before the first line, `rest` before all others.
    """
    limit = max(style.width or PIPE_WIDTH, _NARROWEST)
    lines: list[str] = []
    words: list[str] = []
    room = limit - columns(first)
    for word in _words(printable(text), limit - max(len(first), len(rest))):
        if words and columns(" ".join(words)) + 1 + columns(word) > room:
            lines.append(" ".join(words))
            words, room = [], limit - columns(rest)
        words.append(word)
    if words:
        lines.append(" ".join(words))
    return [f"{rest if place else first}{line}" for place, line in enumerate(lines)]


def sentence(text: str, style: Style) -> list[str]:
    """A sentence in lines where the width is limited, and in one where it is not."""
    return wrapped(text, style) if style.width is not None else [printable(text)]


def _words(text: str, room: int) -> Iterable[str]:
    for word in text.split():
        rest = word
        while columns(rest) > room:
            head = cut(rest, room, Style(unicode=True)) if not rest.isascii() else rest[:room]
            head = head.removesuffix("…") if not rest.isascii() else head
            yield head
            rest = rest[len(head) :]
        if rest:
            yield rest


def section(title: str, lines: Iterable[str], style: Style) -> list[str]:
    """A blank line, a heading, and what stands below it; nothing where that is empty."""
    body = list(lines)
    return ["", heading(title, style), *body] if body else []


def item(text: str, style: Style) -> list[str]:
    """A sentence of a section."""
    return wrapped(text, style, first=_INDENT, rest=_INDENT * 2)


def labelled(label: str, text: str, style: Style, *, most: int = 1) -> list[str]:
    """A text beside its label, cut to so many lines where the width is limited."""
    first = f"{_INDENT * 2}{label} "
    lines = [f"{first}{printable(text)}"]
    if style.width is not None and most > 1:
        lines = wrapped(text, style, first=first, rest=" " * len(first))
        last = " ".join([*lines[most - 1 : most], *map(str.strip, lines[most:])])
        lines[most - 1 :] = [last] if last else []
    if style.width is not None:
        lines = [cut(line, style.width, style) for line in lines]
    return [style.paint(line, Role.FAINT) for line in lines]


def commands(pairs: Sequence[tuple[str, str]], style: Style) -> list[str]:
    """Commands, whole so that they can be copied, beside or above what each is for."""
    limit = style.width or PIPE_WIDTH
    shown = [_INDENT + printable(text) for text, _ in pairs]
    widest = max(map(columns, shown), default=0)
    beside = all(widest + 3 + columns(f"# {purpose}") <= limit for _, purpose in pairs)
    lines: list[str] = []
    for text, (_, purpose) in zip(shown, pairs, strict=True):
        if beside:
            remark = style.paint(f"   # {purpose}", Role.FAINT)
            lines.append(style.paint(padded(text, widest), Role.NAME) + remark)
        else:
            below = wrapped(f"# {purpose}", style, first=_INDENT * 2, rest=_INDENT * 2)
            lines.append(style.paint(text, Role.NAME))
            lines += (style.paint(line, Role.FAINT) for line in below)
    return lines
