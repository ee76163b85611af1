"""Where in a TOML document each key and each value stands; tomllib tells no places.

The document has to be one that tomllib has read: nothing is checked again. Each character is
passed once.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from homeport.model.record import NamedTuple

Path = tuple[str | int, ...]
"""Keys and, within lists, indices from 0: `("services", "web", "needs", 0)`."""


class Place(NamedTuple):
    """Where something stands, as offsets in characters: its key, and its value."""

    key: int
    value: int


_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_BETWEEN = re.compile(r"(?:[ \t\r\n,]+|#[^\n]*)*")
_DOT = re.compile(r"[ \t]*\.[ \t]*")
_EQUALS = re.compile(r"[ \t]*=[ \t]*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""[^"\\]*(?:(?:\\.|"{1,2}(?!"))[^"\\]*)*"{3,5}'
    r"|'''[^']*(?:'{1,2}(?!')[^']*)*'{3,5}"
    r'|"[^"\\\n]*(?:\\.[^"\\\n]*)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_PLAIN = re.compile(r"[^,\]}#\r\n]+")
_SIMPLE = re.compile(r'"([^"\\]*)"|\'([^\']*)\'')


_MOST_PARTS = 64
_PART = r"""(?:[A-Za-z0-9_-]++|"[^"\n]*+"|'[^'\n]*+')"""
# From the beginning of a word on, so that a long one is passed once and not from each letter.
_DEEP = re.compile(rf"(?<![A-Za-z0-9_-])(?:{_PART}[ \t]*+\.[ \t]*+){{{_MOST_PARTS}}}")


def is_too_deep(text: str) -> bool:
    """Whether a dotted key has more parts than anybody writes.

    To read one takes tomllib the square of their number, in time and memory: some kilobytes of
    dots are gigabytes. The same dots within a text count as well.
    """
    return _DEEP.search(text) is not None


def places(text: str) -> dict[Path, Place]:
    """The place of everything in a valid document; tables stand where their header does."""
    return _Scanner(text.replace("\r\n", " \n")).scan()


class Lines:
    """Turns many offsets of one text into lines and columns, and shows the lines."""

    def __init__(self, text: str) -> None:
        self._lines = text.replace("\r\n", " \n").split("\n")
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def at(self, offset: int) -> tuple[int, int, str]:
        """Line and column, counted from 1, and the text of the line."""
        number = bisect_right(self._starts, offset)
        number = min(number, len(self._lines))
        return number, offset - self._starts[number - 1] + 1, self._lines[number - 1].rstrip()


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._found: dict[Path, Place] = {}
        self._lengths: dict[Path, int] = {}

    def scan(self) -> dict[Path, Place]:
        table: Path = ()
        while True:
            self._pass(_BLANK)
            if self._at >= len(self._text):
                return self._found
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)

    def _pass(self, pattern: re.Pattern[str]) -> str:
        """Goes on behind what matches here, and gives it."""
        matched = pattern.match(self._text, self._at)
        if matched is None:
            return ""
        self._at = matched.end()
        return matched[0]

    def _next(self) -> str:
        return self._text[self._at : self._at + 1]

    def _header(self) -> Path:
        """The table that `[a.b]`, or the element of the list that `[[a.b]]` begins."""
        start = self._at
        in_list = self._text.startswith("[[", start)
        self._at += 2 if in_list else 1
        self._pass(_BLANK)
        path: Path = ()
        for part in self._dotted():
            path = (*self._in_last(path), part)
            self._found.setdefault(path, Place(start, start))
        if in_list:
            index = self._lengths.get(path, 0)
            self._lengths[path] = index + 1
            path = (*path, index)
        self._pass(_BLANK)
        self._at += 2 if in_list else 1
        self._found[path] = Place(start, start)
        return path

    def _in_last(self, path: Path) -> Path:
        """A list of tables stands for its last one."""
        return (*path, self._lengths[path] - 1) if path in self._lengths else path

    def _dotted(self) -> list[str]:
        parts = [self._key()]
        while self._pass(_DOT):
            parts.append(self._key())
        return parts

    def _key(self) -> str:
        token = self._pass(_BARE) or self._pass(_STRING)
        if token[:1] not in ("'", '"'):
            if not token:
                self._at += 1  # cannot be in a valid document, and must not hold us up
            return token
        simple = _SIMPLE.fullmatch(token)
        if simple is not None:
            return simple[1] or simple[2] or ""
        import tomllib

        try:
            return str(tomllib.loads(f"x = {token}")["x"])
        except tomllib.TOMLDecodeError:
            return token

    def _pair(self, table: Path) -> None:
        path = self._key_of_pair(table)
        opened: list[tuple[Path, int | None]] = []
        while True:
            self._value(path, opened)
            following = self._behind_value(opened)
            if following is None:
                return
            path = following

    def _key_of_pair(self, table: Path) -> Path:
        """The path that `a.b = ` names, each table on the way being noted."""
        start = self._at
        path = table
        for part in self._dotted():
            path = (*path, part)
            self._found.setdefault(path, Place(start, start))
        self._pass(_EQUALS)
        self._found[path] = Place(start, self._at)
        return path

    def _value(self, path: Path, opened: list[tuple[Path, int | None]]) -> None:
        """Passes a value, or the opening bracket of one with values in it."""
        if self._next() in ("[", "{"):
            opened.append((path, 0 if self._next() == "[" else None))
            self._at += 1
        elif not (self._pass(_STRING) or self._pass(_PLAIN)):
            self._at += 1

    def _behind_value(self, opened: list[tuple[Path, int | None]]) -> Path | None:
        """The path of the next value within the brackets that are open; None behind the last."""
        while opened:
            self._pass(_BETWEEN)
            if self._next() in ("]", "}", ""):
                opened.pop()
                self._at += 1
                continue
            container, index = opened[-1]
            if index is None:
                return self._key_of_pair(container)
            opened[-1] = (container, index + 1)
            path = (*container, index)
            self._found[path] = Place(self._at, self._at)
            return path
        return None
