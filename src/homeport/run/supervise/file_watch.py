"""Restarts services when files change that they are declared to watch."""

from __future__ import annotations

import json
import os
import sys
from functools import partial
from typing import TYPE_CHECKING

from homeport.model.errors import HomeportError
from homeport.model.running import Exited, Lost, NotStarted, Program
from homeport.run.supervise.programs import Programs
from homeport.run.supervise.reasons import ending_words
from homeport.wire.globs import compiled, fixed_part
from homeport.wire.terminal_text import TerminalLines

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable

    from homeport.model.running import Report
    from homeport.run.supervise.runner import Runner

_IGNORED = frozenset((".git", "__pycache__", "node_modules", ".venv", ".mypy_cache", ".ruff_cache"))


class FileWatch:
    """One watcher for all services of a project.

    `changed` is called with the names of the services that watch one of the files, once for all
    that changed together; `trouble` with their names and words where they cannot be watched.
    """

    def __init__(
        self,
        changed: Callable[[list[str]], None],
        trouble: Callable[[list[str], str], None],
        keep: tuple[int, ...],
    ) -> None:
        self._changed = changed
        self._trouble = trouble
        self._beginnings = 0
        self._keep = keep
        self._programs = Programs(self._hear, lambda: None)
        self._lines = TerminalLines()
        self._patterns: dict[str, tuple[str, ...]] = {}
        self._compiled: dict[str, list[re.Pattern[str]]] = {}

    def watch(self, runners: Iterable[Runner]) -> None:
        """Watches for these services from now on, and for no others."""
        patterns = {each.name: each.assembled.service.watch for each in runners}
        patterns = {name: globs for name, globs in patterns.items() if globs}
        if patterns == self._patterns:
            return
        self._patterns = patterns
        self._compiled = {name: list(map(compiled, globs)) for name, globs in patterns.items()}
        self.close()
        places = {fixed_part(glob) for globs in patterns.values() for glob in globs}
        present = sorted(place for place in places if os.path.exists(place))
        if present:
            self._start(present)

    def _start(self, places: list[str]) -> None:
        argv = (sys.executable, "-P", "-m", "homeport.host.watching", *places)
        program = Program(argv, tuple(os.environ.items()), "/")
        self._beginnings += 1
        heard = partial(self._reported, self._beginnings)
        try:
            self._programs.start(program, heard, keep=self._keep)
        except HomeportError as error:
            self._failed(str(error))

    def _reported(self, beginning: int, report: Report) -> None:
        # One that was closed has not failed.
        if isinstance(report, Exited | NotStarted | Lost) and beginning == self._beginnings:
            self._failed(f"what watches {ending_words(report, sys.executable) or 'has ended'}")

    def _failed(self, why: str) -> None:
        """The next change of the declaration, or `up`, begins again."""
        names = list(self._patterns)
        self._patterns = {}
        self._trouble(names, f"files are not watched: {why}")

    def _hear(self, data: bytes) -> None:
        paths = [path for line in self._lines.feed(data) if (path := _path_in(line))]
        meant = [name for name in self._patterns if any(self._is_watched(name, p) for p in paths)]
        if meant:
            self._changed(meant)

    def _is_watched(self, name: str, path: str) -> bool:
        if not _IGNORED.isdisjoint(path.split("/")):
            return False
        return any(pattern.fullmatch(path) for pattern in self._compiled[name])

    def close(self) -> None:
        """Watches no longer."""
        self._beginnings += 1
        self._programs.kill()


def _path_in(line: str) -> str | None:
    try:
        path = json.loads(line)
    except ValueError:
        return None
    return path if isinstance(path, str) else None
