"""Control groups of our own, for faults that only they make; skipped where there are none."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

_ROOT = Path("/sys/fs/cgroup")


class Freezer(NamedTuple):
    """A cgroup that can be frozen, by the file and the words of its version."""

    place: Path
    file: str
    words: tuple[str, str]

    def freeze(self) -> None:
        """Stops all that is in it."""
        (self.place / self.file).write_text(self.words[0])

    def thaw(self) -> None:
        """Lets it go on."""
        (self.place / self.file).write_text(self.words[1])


@contextmanager
def frozen() -> Generator[Freezer]:
    """A cgroup to freeze, not frozen yet."""
    for parent in (_ROOT, _ROOT / "unified"):
        if (parent / "cgroup.controllers").exists():
            with _made(parent) as place:
                yield Freezer(place, "cgroup.freeze", ("1", "0"))
            return
    with _made(_ROOT / "freezer") as place:
        yield Freezer(place, "freezer.state", ("FROZEN", "THAWED"))


@contextmanager
def limited_memory(size_bytes: int) -> Generator[Path]:
    """A cgroup whose processes may have so much memory."""
    if (_ROOT / "memory" / "memory.limit_in_bytes").exists():
        with _made(_ROOT / "memory") as place:
            (place / "memory.limit_in_bytes").write_text(str(size_bytes))
            yield place
        return
    controllers = _ROOT / "cgroup.subtree_control"
    if not controllers.exists() or "memory" not in controllers.read_text():
        pytest.skip("needs a memory controller that may be used")
    with _made(_ROOT) as place:
        (place / "memory.max").write_text(str(size_bytes))
        (place / "memory.swap.max").write_text("0")
        yield place


@contextmanager
def _made(parent: Path) -> Generator[Path]:
    place = parent / f"homeport-{os.getpid()}"
    try:
        place.mkdir()
    except OSError as error:
        pytest.skip(f"this machine allows no cgroup: {error}")
    try:
        yield place
    finally:
        place.rmdir()
