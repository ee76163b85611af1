"""The same directory under foreman, honcho and `homeport up`, recorders standing in for programs.

Nothing that a Procfile names is really run: each recorder tells what its program would have been
given.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import time
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import yaml

from tests.run.conventions.commands import Command, commands
from tests.run.conventions.recorder import Recorders, Seen
from tests.running import RunningProject, project
from tests.support import Spawned, homeport_command, leased_port, spawn

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

_PROCESS = re.compile(r"([A-Za-z0-9_-]+):\s*(\S.*)")
_FILES = (".env", ".foreman", "Procfile", "Procfile.dev")
_SECONDS = 20.0
FOREMAN, HONCHO, HOMEPORT = "foreman", "honcho", "homeport"


class Declared(NamedTuple):
    """What a directory says, as far as it takes to start it in the same way everywhere.

    `lines` has the simple commands of each process; two of one name are both in it.
    """

    procfile: str
    env_files: tuple[str, ...]
    formation: dict[str, int] | None
    lines: tuple[tuple[str, list[Command]], ...]

    @property
    def names(self) -> list[str]:
        """The processes that run: a formation leaves others out."""
        names = dict.fromkeys(name for name, _ in self.lines)
        return [name for name in names if self._count(name) > 0]

    def _count(self, name: str) -> int:
        if self.formation is None:
            return 1
        return self.formation.get(name, self.formation.get("all", 0))


class Told(NamedTuple):
    """What a runner's processes were given, and what the runner itself printed."""

    seen: dict[str, list[Seen]]
    output: str


class Stage:
    """A copy of a directory's Procfile and variables, with recorders, for each runner in turn."""

    def __init__(self, made: RunningProject, base: Path) -> None:
        self._made = made
        self.root = made.root
        self._recorders = Recorders(base / "recorders")
        self.declared = declared_in(self.root)
        self._recorders.stand_in(self.root, [line for _, line in self.declared.lines])
        self._env = {
            **{name: value for name, value in os.environ.items() if name.startswith("COVERAGE")},
            **made.env,
            "PATH": str(self._recorders.bin),
            "HOME": str(base),
            "LC_ALL": "C.UTF-8",
        }

    def under(self, runner: str, foreman: str = "") -> Told:
        """What the processes see under a runner; `foreman` is the path of that one."""
        argv = {
            FOREMAN: self._foreman(foreman),
            HONCHO: self._honcho(),
            HOMEPORT: [*homeport_command()[0], "up"],
        }[runner]
        self._recorders.clear()
        with spawn(argv, cwd=self.root, env=self._env) as spawned:
            self._wait(spawned)
            seen = self._recorders.seen()
            output = spawned.output
        if runner == HOMEPORT:
            self._made.homeport("stop", "--now")
        found: dict[str, list[Seen]] = {}
        for each in sorted(seen, key=lambda each: each.argv):
            if name := _first_of(each):
                found.setdefault(name, []).append(each)
        return Told(found, output)

    def _foreman(self, path: str) -> list[str]:
        own = self.declared.procfile != "Procfile" and not (self.root / ".foreman").exists()
        which = ["-f", self.declared.procfile] if own else []
        return [path, "start", *which, "-p", str(leased_port())]

    def _honcho(self) -> list[str]:
        files = ["-f", self.declared.procfile, "-e", ",".join(self.declared.env_files)]
        start = [sys.executable, "-m", "honcho", "start", *files, "-p", str(leased_port())]
        return [*start, *(self.declared.names if self.declared.formation is not None else ())]

    def _wait(self, spawned: Spawned) -> None:
        """Until every process has come to what it goes on with, or the runner has ended."""
        wanted: Counter[str] = Counter()
        for name, line in self.declared.lines:
            if name in self.declared.names:
                wanted[name] += sum(command.goes_on for command in line) or 1
        deadline = time.monotonic() + _SECONDS
        while time.monotonic() < deadline and spawned.process.poll() is None:
            there = [_first_of(each) for each in self._recorders.seen() if each.waits]
            if all(there.count(name) >= count for name, count in wanted.items()):
                return
            time.sleep(0.02)


@contextmanager
def staged(source: Path, base: Path) -> Generator[Stage]:
    """A stage for a directory of somebody's, below a directory of ours; all is ended after it."""
    with project(base, name="staged") as made:
        declared = declared_in(source)
        for name in dict.fromkeys((*_FILES, declared.procfile, *declared.env_files)):
            if (source / name).is_file():
                (made.root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source / name, made.root / name)
        yield Stage(made, base)


def _first_of(seen: Seen) -> str | None:
    """The process that something was seen for, None for a second or third one of its name."""
    name, _, instance = seen.process.partition(".")
    return name if instance in ("", "1") else None


def declared_in(root: Path) -> Declared:
    """What the files in a directory say."""
    options = _foreman_options(root)
    first = "Procfile.dev" if (root / "Procfile.dev").is_file() else "Procfile"
    procfile = str(options.get("procfile") or first)
    text = (root / procfile).read_text(encoding="utf-8-sig", errors="replace")
    found = [_PROCESS.fullmatch(line.rstrip()) for line in text.splitlines()]
    formation = options.get("formation")
    return Declared(
        procfile,
        tuple(str(options.get("env") or ".env").split(",")),
        None if formation is None else _formation(str(formation)),
        tuple((each[1], commands(each[2])) for each in found if each),
    )


def _foreman_options(root: Path) -> dict[str, object]:
    path = root / ".foreman"
    read = yaml.safe_load(path.read_text()) if path.is_file() else None
    return read if isinstance(read, dict) else {}


def _formation(text: str) -> dict[str, int]:
    pairs = (pair.partition("=") for pair in re.sub(r"\s", "", text).split(",") if pair)
    return {name: int(count or 0) for name, _, count in pairs}
