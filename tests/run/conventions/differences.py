"""What ours gives a process otherwise than foreman or honcho do.

A port is a number wherever it stands: each runner gives others. What each runner adds for itself
counts nowhere.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.run.conventions.recorder import Seen

ADDED = {
    *("PS", "GEM_PATH"),  # foreman, and how it is started here
    "HONCHO_PROCESS_NAME",
    *("HOST", "NODE_OPTIONS", "BROWSER", "PYTHONUNBUFFERED"),
    *("HOMEPORT_PROJECT", "HOMEPORT_SERVICE", "HOMEPORT_URL"),
    *("LISTEN_FDS", "LISTEN_PID"),  # a socket that is handed over
}
OF_THE_SHELL = {"_", "SHLVL", "PWD", "OLDPWD", "COLUMNS", "LINES"}


TOLD = "is told where to listen"
"""The one difference that is meant: a server of a recipe keeps to its port, and to loopback."""

_WHERE = {"-b", "--bind", "--binding", "--host", "-p", "--port", "--strictPort"}
_PLACE = re.compile(r"((tcp|https?|ssl)://)?([\w.-]+:)?PORT|[0-9.]+(:[0-9]+)?|[0-9]+")


def differences(theirs: list[Seen] | None, ours: list[Seen] | None) -> list[str]:
    """Sentences about what a process is given otherwise by us; none where all is the same."""
    if not theirs or not ours:
        if not theirs and not ours:
            return []
        return ["only they run it" if theirs else "only we run it"]
    if len(theirs) != len(ours):
        return [f"they run {_lines(theirs)}, we {_lines(ours)}"]
    found = [each for one, other in zip(theirs, ours, strict=True) for each in _between(one, other)]
    return list(dict.fromkeys(found))


def _lines(seen: list[Seen]) -> str:
    return "; ".join(" ".join(each.argv) for each in seen)


def _between(theirs: Seen, ours: Seen) -> Iterator[str]:
    if _same_words(theirs, ours):
        pass
    elif _elsewhere(theirs) == _elsewhere(ours):
        yield TOLD
    else:
        yield f"argv: they {list(theirs.argv)}, we {list(ours.argv)}"
    if theirs.cwd != ours.cwd:
        yield f"directory: they {theirs.cwd}, we {ours.cwd}"
    if not ours.env.get("PORT", "").isdigit():
        yield f"PORT: {ours.env.get('PORT')}"
    for name in sorted(theirs.env.keys() | ours.env.keys()):
        value, other = theirs.env.get(name), ours.env.get(name)
        if name in OF_THE_SHELL or name == "PORT" or (name in ADDED and None in (value, other)):
            continue
        if _without_port(value, theirs) != _without_port(other, ours) and value != other:
            yield f"{name}: they {value!r}, we {other!r}"


def _same_words(theirs: Seen, ours: Seen) -> bool:
    return len(theirs.argv) == len(ours.argv) and all(
        word == other or _without_port(word, theirs) == _without_port(other, ours)
        for word, other in zip(theirs.argv, ours.argv, strict=True)
    )


def _elsewhere(seen: Seen) -> list[str]:
    """The words of a command line that do not say where to listen."""
    words = [_without_port(word, seen) or "" for word in seen.argv]
    return [word for word in words if word not in _WHERE and not _PLACE.fullmatch(word)]


def _without_port(text: str | None, seen: Seen) -> str | None:
    port = seen.env.get("PORT")
    return text.replace(port, "PORT") if text and port else text
