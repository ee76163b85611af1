"""Vite's development server.

Its flags win over vite.config. It answers to every name under localhost, and its page opens the
WebSocket for hot reloading at the host and port that it was loaded from: both work through the
gateway, unless the project's configuration names another port for that socket (`server.hmr`).
Before it serves it listens on the port for a moment, to see whether it is free: a connection proves
nothing, an answer does.
"""

from __future__ import annotations

from homeport.host import peeking
from homeport.run.recipes.contract import Manner, Recipe
from homeport.run.recipes.node_packages import node_environment, package
from homeport.run.recipes.options import option
from homeport.run.recipes.programs import node_program
from homeport.run.recipes.web import ANSWERS, found, launched

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.service import Launch, Place, Service

MANNER = Manner(
    programs=("vite",),
    arguments=("--host", "{host}", "--port", "{port}", "--strictPort"),
    ready=ANSWERS,
)
_CONFIGURATIONS = tuple(f"vite.config.{ending}" for ending in ("ts", "js", "mts", "mjs", "cjs"))


def launch(place: Place) -> Launch:
    """`vite`."""
    mode = option(place.service, "mode")
    argv = (
        *node_program(place, "vite", "vite"),
        *(("--mode", mode) if mode else ()),
        "--clearScreen",
        "false",
    )
    return launched(place, MANNER, argv, node_environment(place))


def finds(directory: str) -> Service | None:
    """A package that depends on vite and has a page for it, or a configuration."""
    declared = package(directory)
    if declared is None or "vite" not in declared.dependencies:
        return None
    names = ("index.html", *_CONFIGURATIONS)
    if not any(peeking.is_file(f"{directory}/{name}") for name in names):
        return None
    return found(directory, "package.json", "vite")


RECIPE = Recipe(
    name="vite",
    what="A front end under Vite's development server",
    launch=launch,
    finds=finds,
    rank=31,
    options=(("mode", "the mode, which chooses among .env files; development by default"),),
    manner=MANNER,
)
