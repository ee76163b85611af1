"""Every protocol and web product that there is a file for: being in the room is all it takes."""

from __future__ import annotations

import pkgutil
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING

from homeport.wire import protocols as protocols_room
from homeport.wire import web as web_room

if TYPE_CHECKING:
    from types import ModuleType

    from homeport.wire.protocols import Protocol
    from homeport.wire.web import WebProduct


@lru_cache(maxsize=1)
def protocols() -> tuple[Protocol, ...]:
    """The protocols, by name of their file."""
    return tuple(module.PROTOCOL for module in _modules(protocols_room))


@lru_cache(maxsize=1)
def web_products() -> tuple[WebProduct, ...]:
    """The web servers and frameworks, by name of their file."""
    return tuple(module.PRODUCT for module in _modules(web_room))


def _modules(room: ModuleType) -> list[ModuleType]:
    names = sorted(each.name for each in pkgutil.iter_modules(room.__path__))
    return [import_module(f"{room.__name__}.{name}") for name in names]
