"""Which programs the command lines of a Procfile name, so that something can stand in for them.

Read only as far as that takes: assignments, `env` and `exec`, `&&`, pipes, `bash -c '...'`.
"""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_SHELLS = ("sh", "bash", "/bin/sh", "/bin/bash")
_TRANSPARENT = frozenset(
    ("exec", "env", "if", "then", "else", "do", "while", "until", "!", "{", "time")
)
_NO_PROGRAMS = frozenset(
    (
        *(":", ".", "[", "cd", "command", "echo", "exit", "export", "false", "kill", "printf"),
        *("pwd", "read", "set", "source", "test", "trap", "true", "ulimit", "umask", "unset"),
        *("wait", "fi", "done", "}", "for", "case", "esac"),
    )
)

_CLOSING = frozenset(("else", "elif", "fi", "done", "esac", "}", ""))


class Command(NamedTuple):
    """A simple command: its words from the program on.

    `ends` is whether others come after it, so that it must not wait. `otherwise` is whether it runs
    only where another does not. `directories` and `files` are what it takes to be there.
    """

    words: tuple[str, ...]
    ends: bool
    otherwise: bool = False
    directories: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    @property
    def is_program(self) -> bool:
        return bool(self.words) and self.words[0] not in _NO_PROGRAMS

    @property
    def goes_on(self) -> bool:
        """Whether it is what its process comes to in the end."""
        return self.is_program and not self.ends and not self.otherwise


def commands(line: str) -> list[Command]:
    """The simple commands of a command line; none where its quotes do not close."""
    try:
        return list(_commands(line, ends=False))
    except ValueError:
        return []


def _commands(line: str, *, ends: bool) -> Iterator[Command]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    lexer.commenters = ""
    words: list[str] = []
    before = ""
    depth = 0  # of what the shell replaces by its output, and has to end for that
    tokens = list(lexer)
    for token, following in zip([*tokens, "\n"], [*tokens[1:], "", ""], strict=True):
        if token.strip("();<>|&\n"):
            words.append(token)
            continue
        if token.strip("<>&") == "" and ("<" in token or ">" in token):
            words.append(token)
            continue
        later = token in ("&&", "||", ";") and following not in _CLOSING
        inner = depth > 0
        if token.startswith("(") and words and words[-1].endswith("$"):
            words.pop()
            depth += 1
        elif ")" in token and depth:
            depth -= 1
        for command in _command(words, ends=ends or inner or later):
            yield command._replace(otherwise=before == "||" or "else" in words)
        words, before = [], token


def _command(words: list[str], *, ends: bool) -> Iterator[Command]:
    words = [word for word in words if word]
    while words and (_ASSIGNMENT.match(words[0]) or words[0] in _TRANSPARENT):
        ends = (ends or words[0] in ("if", "while", "until")) and words[0] != "exec"
        words = words[1:]
    if words and words[0].startswith("`"):
        words, ends = [words[0].strip("`"), *words[1:]], True
    if not words:
        return
    if words[0] in _SHELLS and len(words) > 2 and re.fullmatch(r"-\w*c", words[1]):
        yield from _commands(words[2], ends=ends)
        return
    directories = tuple(words[1:2]) if words[0] == "cd" else ()
    files = tuple(words[1:2]) if words[0] in (".", "source") else ()
    kept = _without_redirections(words)
    yield Command(kept, ends, directories=directories, files=files)


def _without_redirections(words: list[str]) -> tuple[str, ...]:
    for number, word in enumerate(words):
        if word.strip("<>&") == "" and word:
            kept = words[:number]
            # `2>` leaves its descriptor behind as a word
            return tuple(kept[:-1] if kept and kept[-1] in ("1", "2") else kept)
    return tuple(words)
