"""Servers that are costly to start: one for all tests of a worker that differ in their questions.

It is started by the first who wants it and ended with the last test of the worker; it runs in the
host's namespace on a leased port.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from tests.support import NOBODY, Spawned, spawn

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from contextlib import AbstractContextManager

    from tests.support import User

Server = TypeVar("Server")

ORDINARY: User | None = NOBODY if os.geteuid() == 0 else None
"""Who runs servers that refuse to be run by root."""


class Running(NamedTuple):
    """A server of ours, its port, and the directory of its data."""

    server: Spawned
    port: int
    place: Path


_RUNNING = ExitStack()


@lru_cache(maxsize=16)
def shared(start: Callable[[], AbstractContextManager[Server]]) -> Server:
    """The one server that `start` starts."""
    return _RUNNING.enter_context(start())


def end_shared() -> None:
    """Ends all of them. Not at the exit: a worker that takes long for that is killed."""
    _RUNNING.close()
    shared.cache_clear()


@contextmanager
def place_of_nobody() -> Generator[Path]:
    """A directory for somebody else's data; pytest's own are closed to others."""
    with tempfile.TemporaryDirectory() as place:
        if ORDINARY is not None:
            os.chown(place, ORDINARY.uid, ORDINARY.gid)
        yield Path(place)


def prepare(argv: Sequence[str], place: Path) -> None:
    """Runs a program to its end, as the one who runs the server then."""
    with spawn(argv, user=ORDINARY, cwd=place) as preparing:
        assert preparing.process.wait(60) == 0, preparing.output
