"""Reads a command line as far as it takes to know which program it runs; nothing is run.

Only the last of several commands is looked at, as what is appended goes to that one. Of what goes
through pipes, into the background or elsewhere nothing is understood.
"""

from __future__ import annotations

import os
import re
import shlex

from homeport.host import peeking
from homeport.model.record import NamedTuple
from homeport.run.recipes.node_packages import package

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.run.recipes.contract import Manner

_LONGEST = 4096
_MOST_LAYERS = 8
_SEPARATOR = re.compile(r"&&|;")
_OTHER_SYNTAX = re.compile(r"[|&<>()`\n#;]|\$\(")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_VALUE = r"""(?:"[^"]*"|'[^']*'|\\.|[^\s"'\\])*"""
_ASSIGNMENTS = re.compile(rf"\s*(?:{_ASSIGNMENT.pattern}{_VALUE}\s+)*")
_PYTHON = re.compile(r"python(?:\d(?:\.\d+)?)?")

_SAME_PROCESS = (("exec",), ("env",))
_LAUNCHERS = (
    ("uv", "run"),
    ("poetry", "run"),
    ("pipenv", "run"),
    ("pdm", "run"),
    ("npx",),
    ("bundle", "exec"),
    ("cross-env",),
    ("pnpm", "exec"),
    ("yarn", "exec"),
    ("bunx",),
)
_SCRIPT_RUNNERS = ("npm", "pnpm", "yarn", "bun")


class Understood(NamedTuple):
    """What a command line runs.

    `manner` is that of a recipe which knows the program. Before what is appended comes `separator`.
    `direct` is whether the shell itself becomes the program, once the line is `executed`.
    """

    program: str
    manner: Manner | None = None
    direct: bool = True
    separator: str = ""


def understood(line: str, directory: str) -> Understood | None:
    """What a command line runs in a directory; None where that cannot be told."""
    words = _last_command(line)
    return _of_words(words, directory, _MOST_LAYERS) if words else None


def executed(line: str) -> str:
    """The line, with `exec` before its last command: not every shell takes that upon itself."""
    start = max((each.end() for each in _SEPARATOR.finditer(line)), default=0)
    found = _ASSIGNMENTS.match(line, start)
    at = found.end() if found else start
    return line if line.startswith("exec ", at) else f"{line[:at]}exec {line[at:]}"


def _last_command(line: str) -> list[str]:
    """The words of the last command of a line; none where more than that would be needed."""
    last = _SEPARATOR.split(line[:_LONGEST])[-1]
    if len(line) > _LONGEST or _OTHER_SYNTAX.search(last):
        return []
    try:
        return shlex.split(last)
    except ValueError:
        return []


def _of_words(words: list[str], directory: str, layers: int) -> Understood | None:
    words, direct = _without_launchers(words)
    if not words or not layers:
        return None
    if script := _script(words, directory):
        return _of_script(script, words[0], directory, layers - 1)
    words = _without_interpreter(words)
    program = words[0].rpartition("/")[2]
    manner = _manner_of(program, words[1:])
    if manner is not None and not _is_meant(manner, os.path.join(directory, words[0])):
        manner = None
    return Understood(program, manner, direct)


def _without_launchers(words: list[str]) -> tuple[list[str], bool]:
    """The words from the program on, and whether nothing stays between it and the shell."""
    direct = True
    for _ in range(_MOST_LAYERS):
        while words and _ASSIGNMENT.match(words[0]):
            words = words[1:]
        before = len(words)
        for launcher in (*_SAME_PROCESS, *_LAUNCHERS):
            if tuple(words[: len(launcher)]) == launcher:
                words = words[len(launcher) :]
                direct = direct and launcher in _SAME_PROCESS
        if len(words) == before:
            break
    return words, direct


def _without_interpreter(words: list[str]) -> list[str]:
    """`python -m flask run` runs flask, `python manage.py` manage.py."""
    if _PYTHON.fullmatch(words[0].rpartition("/")[2]) is None:
        return words
    rest = words[1:]
    while rest and re.fullmatch(r"-[uBEIOPsS]+", rest[0]):
        rest = rest[1:]
    if rest[:1] == ["-m"]:
        rest = rest[1:]
    return rest if rest and not rest[0].startswith("-") else words


def _script(words: list[str], directory: str) -> str | None:
    """The command line of the script of package.json that these words run."""
    runner, *rest = words
    if runner not in _SCRIPT_RUNNERS or not rest:
        return None
    explicit = rest[0] in {"run", "run-script"}
    names = rest[1:2] if explicit else rest[:1]
    # `npm start` is a short form; of the others every script is one, and `npm dev` is nothing.
    if not names or (runner == "npm" and not explicit and names[0] != "start"):
        return None
    declared = package(directory)
    return declared.script(names[0]) if declared else None


def _of_script(script: str, runner: str, directory: str, layers: int) -> Understood | None:
    words = _last_command(script)
    found = _of_words(words, directory, layers) if words else None
    if found is None:
        return Understood(runner, None, direct=False)
    separator = " --" if runner == "npm" else ""
    return found._replace(direct=False, separator=f"{separator}{found.separator}")


def _is_meant(manner: Manner, path: str) -> bool:
    """Whether the program may be the one: others have a file `manage.py` of another kind."""
    text = peeking.text_of(path) if manner.marks else None
    return text is None or any(mark in text for mark in manner.marks)


def _manner_of(program: str, arguments: list[str]) -> Manner | None:
    from homeport.run.recipes import catalog

    for recipe in catalog().values():
        manner = recipe.manner
        if manner is not None and program in manner.programs:
            wanted = manner.subcommands
            return manner if not wanted or set(wanted) & set(arguments) else None
    return None
