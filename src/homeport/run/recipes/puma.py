"""Rack applications under Puma, whose flags win over what its configuration binds."""

from __future__ import annotations

from homeport.host import peeking, programs
from homeport.model.errors import NotFound
from homeport.run.recipes.contract import Manner, Recipe
from homeport.run.recipes.options import option
from homeport.run.recipes.web import found, launched

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.service import Launch, Place, Service

MANNER = Manner(
    programs=("puma",),
    position=r"(?:-[bp]\s*|--(?:bind|port)(?:=|\s+))\S+",
    positional="--bind tcp://{host}:{port}",
)


def launch(place: Place) -> Launch:
    """`puma config.ru`, with the gems of the project's Gemfile."""
    file = option(place.service, "file") or "config.ru"
    return launched(place, MANNER, (*_puma(place), file))


def _puma(place: Place) -> tuple[str, ...]:
    bundled = peeking.is_file(f"{place.service.directory}/Gemfile")
    if bundled and (bundle := programs.in_path("bundle")):
        return (bundle, "exec", "puma")
    if puma := programs.in_path("puma"):
        return (puma,)
    raise NotFound(
        "Puma is not installed",
        why="the PATH has no program 'puma'",
        next_step="on Debian or Ubuntu: apt install puma; anywhere: gem install puma",
    )


def finds(directory: str) -> Service | None:
    """A config.ru, where Rails has not been found."""
    if not peeking.is_file(f"{directory}/config.ru"):
        return None
    return found(directory, "config.ru", "puma")


RECIPE = Recipe(
    name="puma",
    what="A Rack application under Puma",
    launch=launch,
    finds=finds,
    rank=42,
    options=(("file", "its rackup file, if not config.ru"),),
    manner=MANNER,
)
