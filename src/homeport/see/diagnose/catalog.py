"""Every rule and every dialect that there is a file for: being in the room is all it takes."""

from __future__ import annotations

import pkgutil
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING

from homeport.see.diagnose import dialects as dialects_room
from homeport.see.diagnose import rules as rules_room

if TYPE_CHECKING:
    from types import ModuleType

    from homeport.see.diagnose.dialects import Dialect
    from homeport.see.diagnose.rule import Rule


_MAIN = {
    "https": "http",
    "ws": "http",
    "wss": "http",
    "rediss": "redis",
    "amqps": "amqp",
    "mqtts": "mqtt",
}


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    """The rules, by name of their file."""
    return tuple(import_module(name).RULE for name in _names(rules_room))


def dialect(scheme: str | None) -> Dialect | None:
    """How a service of this scheme is spoken to; None where nobody knows.

    A dialect stands in the file of its main scheme's name; only that one is loaded.
    """
    known = {name.rpartition(".")[2]: name for name in _names(dialects_room)}
    found = known.get(_MAIN.get(scheme or "", scheme or ""))
    return None if found is None else import_module(found).DIALECT


def _names(room: ModuleType) -> list[str]:
    return sorted(f"{room.__name__}.{each.name}" for each in pkgutil.iter_modules(room.__path__))
