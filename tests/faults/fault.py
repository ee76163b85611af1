"""What a fault is, for the tests of `check` and for `benchmarks/diagnosis.py`: one file each.

A file defines `FAULT`, which makes the fault for real (a namespace, a real server) for as long as a
block lasts, and says which rule has to find it; a file in `healthy/` defines `HEALTHY` in which
nothing may be found. Both are found by being there.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from tests.support import Namespace


class Situation(NamedTuple):
    """What `homeport check` is to be asked, and where: namespace, directory, variables."""

    target: str
    namespace: Namespace | None = None
    options: tuple[str, ...] = ()
    env: dict[str, str] = {}  # noqa: RUF012  (nobody changes it)
    cwd: Path | None = None


class Fault(NamedTuple):
    """A fault: its id in the list of known ones, what it is, how to make it, who has to find it.

    `make` is given an empty directory. `cause` is the id of the rule, None where the evidence
    cannot decide and nothing may be stated as sure.
    """

    id: str
    title: str
    make: Callable[[Path], AbstractContextManager[Situation]]
    cause: str | None
    root: bool = False
    slow: bool = False


class Healthy(NamedTuple):
    """A server with which nothing is wrong."""

    title: str
    make: Callable[[Path], AbstractContextManager[Situation]]
    root: bool = False
    slow: bool = False


def faults() -> list[Fault]:
    """Every fault that there is a file for."""
    return [module.FAULT for module in _modules(Path(__file__).parent, "tests.faults", "FAULT")]


def healthy() -> list[Healthy]:
    """Every healthy server that there is a file for."""
    place = Path(__file__).parent / "healthy"
    return [module.HEALTHY for module in _modules(place, "tests.faults.healthy", "HEALTHY")]


def _modules(place: Path, package: str, name: str) -> list[Any]:
    names = sorted(each.name for each in pkgutil.iter_modules([str(place)]))
    modules = [import_module(f"{package}.{each}") for each in names]
    return [module for module in modules if hasattr(module, name)]
