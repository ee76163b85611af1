"""A program that stands in for any other: it writes down what it was given, and waits to be ended.

It knows for which process of which runner it stands by the variable that each of them sets.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.run.conventions.commands import Command

_PROGRAM = """\
#!{python} -IS
import json, os, pathlib, signal, sys
place = pathlib.Path({place!r})
program = os.path.basename(sys.argv[0])
if program in ("sh", "bash") and sys.argv[1:2] and sys.argv[1].endswith("c"):
    # As no login shell: that would set PATH.
    os.execv("/bin/" + program, [program, sys.argv[1].replace("l", ""), *sys.argv[2:]])
env = dict(os.environ)
told = env.get("HOMEPORT_SERVICE") or env.get("HONCHO_PROCESS_NAME") or env.get("PS") or ""
words = [program, *sys.argv[1:]]
def fits(line):
    for meant, word in zip(line, words):
        if "$" in meant or "`" in meant:
            return True
        if meant != word:
            return False
    return len(line) == len(words)
ends = any(map(fits, json.loads((place / "ends").read_text())))
seen = {{"process": told, "argv": words, "cwd": os.getcwd(), "env": env, "waits": not ends}}
draft = place / "seen" / f".{{os.getpid()}}"
draft.write_text(json.dumps(seen))
draft.rename(draft.with_name(str(os.getpid())))
if not ends:
    signal.alarm(120)
    signal.pause()
"""


class Seen(NamedTuple):
    """What a program was given; `process` is the name that its process has there."""

    process: str
    argv: tuple[str, ...]
    cwd: str
    env: dict[str, str]
    waits: bool


class Recorders:
    """Programs for a project, in a directory that is all of PATH, and what they have written."""

    def __init__(self, place: Path) -> None:
        self.bin = place / "bin"
        self._ends = place / "ends"
        self._seen = place / "seen"
        self.bin.mkdir(parents=True)
        self._program = place / "recorder"
        text = _PROGRAM.format(python=sys.executable, place=str(place))
        self._program.write_text(text)
        self._program.chmod(0o755)
        self._ends.write_text("[]")
        (self.bin / "env").symlink_to(shutil.which("env") or "/usr/bin/env")
        for shell in ("sh", "bash"):
            (self.bin / shell).symlink_to(self._program)

    def stand_in(self, root: Path, lines: Iterable[list[Command]]) -> None:
        """Makes a program of each name, in PATH or in the project, and the directories meant."""
        ends = []
        for line in lines:
            place = root
            for command in line:
                for directory in command.directories:
                    place = _within(root, str(place / directory))
                    place.mkdir(parents=True, exist_ok=True)
                for file in command.files:
                    _make(_within(root, str(place / file)))
                if command.is_program:
                    self._stand_in_for(root, place, command.words[0])
                    if command.ends:
                        ends.append([Path(command.words[0]).name, *command.words[1:]])
        self._ends.write_text(json.dumps(ends))

    def _stand_in_for(self, root: Path, place: Path, program: str) -> None:
        path = _within(root, str(place / program)) if "/" in program else self.bin / program
        if "$" not in program and not path.is_symlink() and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.symlink_to(self._program)

    def clear(self) -> None:
        """Forgets what has been written so far."""
        shutil.rmtree(self._seen, ignore_errors=True)
        self._seen.mkdir()

    def seen(self) -> list[Seen]:
        """What has been written since."""
        paths = [path for path in self._seen.iterdir() if not path.name.startswith(".")]
        return [
            Seen(told["process"], tuple(told["argv"]), told["cwd"], told["env"], told["waits"])
            for told in (json.loads(path.read_text()) for path in paths)
        ]


def _within(root: Path, path: str) -> Path:
    """A path in the project; for one that leads out of it the root, where nothing is made."""
    found = (root / path).resolve()
    return found if found.is_relative_to(root.resolve()) else root


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.write_text("")
