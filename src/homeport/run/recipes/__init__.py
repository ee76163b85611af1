"""The recipes: one file for each kind of server, found by being here and defining `RECIPE`."""

from __future__ import annotations

import sys
from functools import lru_cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.service import Service
    from homeport.run.recipes.contract import Recipe


@lru_cache(maxsize=1)
def catalog() -> dict[str, Recipe]:
    """Every recipe by its name."""
    from pkgutil import iter_modules

    found = {}
    for module in iter_modules(__path__):
        full = f"{__name__}.{module.name}"
        __import__(full)
        recipe: Recipe | None = getattr(sys.modules[full], "RECIPE", None)
        if recipe is not None:
            found[recipe.name] = recipe
    return found


def found_in(directory: str) -> tuple[Service, ...]:
    """The services that recipes find in a project's directory, one for each name."""
    by_name: dict[str, Service] = {}
    for recipe in sorted(catalog().values(), key=lambda each: (each.rank, each.name)):
        if recipe.finds is not None and (service := recipe.finds(directory)) is not None:
            by_name.setdefault(service.name, service)
    return tuple(by_name.values())
