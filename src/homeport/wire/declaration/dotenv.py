"""Files of variables (`.env`) -> names and values, still with what they refer to.

The form is that of a shell's assignments, as far as foreman, honcho and python-dotenv agree:
`export`, quotes, comments, values over several lines. Single quotes keep all as it is; elsewhere
`${NAME}` is the value of a variable, and nothing where that is not set.
"""

from __future__ import annotations

import re

_STATEMENT = re.compile(
    r"[^\S\n]*(?:export[^\S\n]+)?([A-Za-z_][A-Za-z0-9_]*)[^\S\n]*="
    r"(?:[^\S\n]*'([^']*)'(?=[^\S\n]*(?:\#|\n|$))"
    r'|[^\S\n]*"([^"\\]*(?:\\.[^"\\]*)*)"(?=[^\S\n]*(?:\#|\n|$))'
    r"|([^\n]*))",
    re.DOTALL,
)
_REST = re.compile(r"[^\n]*\n?")
_COMMENT = re.compile(r"\s\#.*", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "\n": ""}
_BRACED = re.compile(r"(?<!\$)\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def variables(data: bytes, source: str) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """The variables of a file in its order, and sentences about other lines in it.

    Of one name the last counts, but what refers to it in between means an earlier one. References
    keep the form that `homeport.wire.references` resolves. No value is ever told.
    """
    text = data.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\0", "")
    found: list[tuple[str, str]] = []
    notes = []
    at = line = 0
    while at < len(text):
        statement = _STATEMENT.match(text, at)
        if statement is not None:
            found.append((statement[1], _value(statement)))
            end = statement.end()
        else:
            end = at
        end = _end_of_line(text, end)
        if statement is None and not _says_nothing(text[at:end]):
            notes.append(f"{source}:{line + 1} is left out: it is not of the form `NAME=value`")
        line += text.count("\n", at, end)
        at = end
    return tuple(found), tuple(notes)


def _end_of_line(text: str, at: int) -> int:
    rest = _REST.match(text, at)
    return rest.end() if rest else len(text)


def _says_nothing(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def _value(statement: re.Match[str]) -> str:
    _, single, double, plain = statement.groups()
    if single is not None:
        return str(single).replace("${", "$${")
    if double is not None:
        return _tolerant(_ESCAPE.sub(_unescaped, double))
    return _tolerant(_COMMENT.sub("", plain).strip())


def _unescaped(match: re.Match[str]) -> str:
    # An escaped dollar is a dollar, also before a brace.
    character = match[1]
    if character == "$":
        return "$$" if match.string.startswith("{", match.end()) else "$"
    if character in _ESCAPED:
        return _ESCAPED[character]
    return character if character in "\"'\\`" else match[0]


def _tolerant(value: str) -> str:
    """An unset variable is an empty text here, as everywhere where such files are read."""
    return _BRACED.sub(r"${\1:-}", value)
