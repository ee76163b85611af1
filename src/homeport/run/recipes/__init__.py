"""The recipes: one file for each kind of server, found by being here and defining `RECIPE`."""

from __future__ import annotations

import sys
from functools import lru_cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.service import Service
    from homeport.run.recipes.contract import Recipe

FRONT = "web"
"""What a web service is called that is found in the project's own directory."""

_MANIFESTS = (
    "package.json",
    "pyproject.toml",
    "requirements.txt",
    "Pipfile",
    "manage.py",
    "composer.json",
    "Gemfile",
)
_NEVER = frozenset(("node_modules", "venv", "env", "dist", "build", "tests", "docs", "examples"))


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


def recipe_for(name: str) -> Recipe | None:
    """The recipe of that name, else the one that stands in for container images of that name."""
    by_image = {image: recipe for recipe in catalog().values() for image in recipe.images}
    return catalog().get(name) or by_image.get(name)


def found_in(directory: str) -> tuple[Service, ...]:
    """The services that recipes find in a project's directory, one for each name.

    A directory in it that is a project by itself is looked at, too: what is found in `frontend` is
    the service `frontend`.
    """
    by_name: dict[str, Service] = {}
    recipes = sorted(catalog().values(), key=lambda each: (each.rank, each.name))
    for inside in ("", *_projects_in(directory)):
        for recipe in recipes:
            if service := _found(recipe, directory, inside):
                by_name.setdefault(service.name, service)
    return tuple(by_name.values())


def _projects_in(directory: str) -> list[str]:
    from homeport.host.peeking import directories_in, is_file

    return [
        name
        for name in directories_in(directory)
        if not name.startswith((".", "_"))
        and name not in _NEVER
        and any(is_file(f"{directory}/{name}/{manifest}") for manifest in _MANIFESTS)
    ]


def _found(recipe: Recipe, directory: str, inside: str) -> Service | None:
    if recipe.finds is None:
        return None
    if not inside:
        return recipe.finds(directory)
    service = recipe.finds(f"{directory}/{inside}")
    if service is None or service.name != FRONT:
        return service
    from homeport.wire.declaration.labels import label

    return service._replace(name=label(inside) or FRONT, source=f"{inside}/{service.source}")
