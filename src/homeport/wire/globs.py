"""Patterns of file names: `*` and `?` within a name, `**` over directories, as git and shells know.

A pattern is an absolute path. Its fixed part is the directory that has to be watched for it.
"""

from __future__ import annotations

import re

_SPECIAL = re.compile(r"[*?\[]")


def fixed_part(pattern: str) -> str:
    """The directory, or the file, above which a pattern matches nothing."""
    names = pattern.split("/")
    for place, name in enumerate(names):
        if _SPECIAL.search(name):
            return "/".join(names[:place]) or "/"
    return pattern


def compiled(pattern: str) -> re.Pattern[str]:
    """The regular expression of a pattern; a directory stands for all that is in it."""
    *above, last = pattern.strip("/").split("/")
    body = "".join(map(_directory, above)) + ("[^/]+" if last == "**" else _name(last))
    return re.compile(rf"/{body}(?:/.*)?", re.DOTALL)


def _directory(name: str) -> str:
    return r"(?:[^/]+/)*" if name == "**" else f"{_name(name)}/"


def _name(name: str) -> str:
    return "".join(map(_piece, re.split(r"(\*+|\?|\[[^\]]+\])", name)))


def _piece(piece: str) -> str:
    if piece.startswith("*"):
        return "[^/]*"
    if piece == "?":
        return "[^/]"
    if piece.startswith("[") and piece.endswith("]"):
        inner = piece[1:-1].replace("\\", "\\\\").replace("[", "\\[")
        return f"[{'^' + inner[1:] if inner.startswith('!') else inner}]"
    return re.escape(piece)
