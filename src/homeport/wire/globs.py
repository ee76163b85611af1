"""Patterns of file names: `*` and `?` within a name, `**` over directories, as git and shells know.

A pattern is an absolute path. Its fixed part is the directory that has to be watched for it.
"""

from __future__ import annotations

import re

_SPECIAL = re.compile(r"[*?\[]")
_TOKEN = re.compile(r"(\*+|\?|\[[^\]]+\])")


def fixed_part(pattern: str) -> str:
    """The directory, or the file, above which a pattern matches nothing."""
    names = pattern.split("/")
    for place, name in enumerate(names):
        if _SPECIAL.search(name):
            return "/".join(names[:place]) or "/"
    return pattern


def compiled(pattern: str) -> re.Pattern[str]:
    """The regular expression of a pattern; a directory stands for all that is in it.

    It takes no more than the product of both lengths: what stands between two wildcards is taken
    where it comes first (an atomic group), which leaves the most for what follows.
    """
    *above, last = pattern.strip("/").split("/")
    groups = _between(above, "**")
    within = ["".join(f"{_name(name)}/" for name in group) for group in groups]
    body = _joined(within, "(?:[^/]+/)*")
    return re.compile(rf"/{body}{'[^/]+' if last == '**' else _name(last)}(?:/.*)?", re.DOTALL)


def _name(name: str) -> str:
    tokens = [token for token in _TOKEN.split(name) if token]
    stars = ["*" if token.startswith("*") else token for token in tokens]
    return _joined(["".join(map(_piece, group)) for group in _between(stars, "*")], "[^/]*")


def _between(words: list[str], wildcard: str) -> list[list[str]]:
    """The words before, between and after the wildcards; several in a row are one."""
    groups: list[list[str]] = [[]]
    for place, word in enumerate(words):
        if word != wildcard:
            groups[-1].append(word)
        elif place == 0 or words[place - 1] != wildcard:
            groups.append([])
    return groups


def _joined(groups: list[str], anything: str) -> str:
    first, *more = groups
    if not more:
        return first
    *middle, last = more
    return first + "".join(f"(?>{anything}?{each})" for each in middle) + f"{anything}{last}"


def _piece(piece: str) -> str:
    if piece == "?":
        return "[^/]"
    if piece.startswith("[") and piece.endswith("]"):
        inner = piece[1:-1].replace("\\", "\\\\").replace("[", "\\[")
        return f"[{'^' + inner[1:] if inner.startswith('!') else inner}]"
    return re.escape(piece)
