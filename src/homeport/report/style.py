"""How text for people may look: its width, its colours, its characters.

Whatever comes from the outside (names, arguments, paths) passes through `printable` before it
reaches a terminal: a process may call itself anything, escape sequences included.
"""

from __future__ import annotations

from enum import StrEnum

from homeport.model.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


class Role(StrEnum):
    """What a piece of text is, as the parameters of the escape sequence SGR (ECMA-48, 8.3.117)."""

    PLAIN = ""
    HEADING = "1"
    FAINT = "2"
    GOOD = "32"
    CARE = "33"
    BAD = "31"
    NAME = "36"


class Style(NamedTuple):
    """What the receiver of the text can show.

    `width` is in columns, None where nothing limits it. `unicode` says whether its encoding has
    the characters of a tree and an ellipsis.
    """

    width: int | None = None
    color: bool = False
    unicode: bool = True

    def paint(self, text: str, role: Role) -> str:
        """The text in the colour of its role, where there are colours."""
        return f"\x1b[{role.value}m{text}\x1b[0m" if self.color and role.value and text else text

    @property
    def ellipsis(self) -> str:
        """What marks a cut."""
        return "…" if self.unicode else "..."

    @property
    def arrow(self) -> str:
        """What stands between the one who asks and the one who serves."""
        return "→" if self.unicode else "->"

    @property
    def branches(self) -> tuple[str, str, str, str]:
        """The pieces of a tree: a child, the last child, beside a later child, beside none."""
        return ("├─ ", "└─ ", "│  ", "   ") if self.unicode else ("|- ", "`- ", "|  ", "   ")


NEEDED_CHARACTERS = "…→├─└│"
"""What an encoding must have before `Style.unicode` may be true."""


def printable(text: str) -> str:
    r"""The text with everything escaped that is not shown as itself.

    Control characters, escape sequences, line breaks, bidirectional overrides, invisible and
    unassigned characters become `\n`, `\x1b`, `\u202e`; bytes that were no UTF-8 become `\xff`.
    """
    return text if text.isprintable() else "".join(map(_shown, text))


def _shown(character: str) -> str:
    if character.isprintable():
        return character
    if "\udc80" <= character <= "\udcff":
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape").decode("ascii")


def columns(text: str) -> int:
    """How many columns of a terminal a printable text takes (Unicode Standard Annex 11)."""
    if text.isascii():
        return len(text)
    return len(text) if _is_narrow(text) else sum(_widths(text))


def _is_narrow(text: str) -> bool:
    # Nothing below U+0300 is wide or combining: no need to load the character database.
    return max(text, default="") < "\u0300"


def _widths(text: str) -> Iterator[int]:
    from unicodedata import combining, east_asian_width

    for character in text:
        if combining(character):
            yield 0
        else:
            yield 2 if east_asian_width(character) in "WF" else 1


def cut(text: str, width: int, style: Style) -> str:
    """The text in at most so many columns, its end replaced by an ellipsis where it is longer."""
    if columns(text) <= width:
        return text
    mark = style.ellipsis if width >= len(style.ellipsis) else ""
    room = width - len(mark)
    if _is_narrow(text):
        return text[:room] + mark
    kept = []
    for character, taken in zip(text, _widths(text), strict=True):
        room -= taken
        if room < 0:
            break
        kept.append(character)
    return "".join(kept) + mark


def padded(text: str, width: int) -> str:
    """The text, filled with blanks to so many columns."""
    return text + " " * (width - columns(text))
