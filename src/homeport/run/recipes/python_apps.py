"""Finds the application object of a Python web project by reading its files, running nothing."""

from __future__ import annotations

import re

from homeport.host import peeking
from homeport.model.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_MODULES = ("app", "main", "wsgi", "asgi", "api", "server", "application")
_MOST_PACKAGES = 20
_NEVER = frozenset(("tests", "test", "docs", "examples", "migrations", "scripts", "build", "dist"))
_FACTORIES = ("create_app", "make_app", "get_app", "application_factory")


class App(NamedTuple):
    """Where an application is: `module:attribute`, below `base`, which is "" or "src".

    `file` is relative to the project's directory. A `factory` has to be called for it.
    """

    file: str
    base: str
    module: str
    attribute: str
    factory: bool = False

    @property
    def target(self) -> str:
        """As servers take it."""
        return f"{self.module}:{self.attribute}"


def application(directory: str, constructor: str) -> App | None:
    """The first application that a call of `constructor` makes, at the level of a module."""
    for base, file, module in _sources(directory):
        text = peeking.text_of(f"{directory}/{file}")
        if text and f"{constructor}(" in text and (made := _made(text, constructor)):
            attribute, factory = made
            return App(file, base, module, attribute, factory)
    return None


def _made(text: str, constructor: str) -> tuple[str, bool] | None:
    """The name that the application gets, or that of the function that makes it."""
    pattern = rf"^(\w+)[ \t]*(?::[^=\n]{{1,80}})?=[ \t]*(?:\w+\.)?{constructor}\("
    if found := re.search(pattern, text, re.MULTILINE):
        return found.group(1), False
    factories = "|".join(_FACTORIES)
    if found := re.search(rf"^(?:async )?def ({factories})\(", text, re.MULTILINE):
        return found.group(1), True
    return None


def _sources(directory: str) -> Iterator[tuple[str, str, str]]:
    """Base, file and module of what may hold an application, the likeliest first."""
    for base in ("", "src"):
        before = f"{base}/" if base else ""
        for name in _MODULES:
            yield base, f"{before}{name}.py", name
        for package in _packages(f"{directory}/{base}" if base else directory):
            for name in (*_MODULES, "__init__"):
                module = package if name == "__init__" else f"{package}.{name}"
                yield base, f"{before}{package}/{name}.py", module


def _packages(directory: str) -> list[str]:
    names = [
        name
        for name in peeking.directories_in(directory)
        if name.isidentifier() and name not in _NEVER and name != "src"
    ]
    return names[:_MOST_PACKAGES]
