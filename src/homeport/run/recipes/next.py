"""Next.js, by its development server: `next dev`.

It lets pages under localhost use what it offers to developers, hot reloading among it, so that
works through the gateway.
"""

from __future__ import annotations

from homeport.run.recipes.contract import Manner, Recipe
from homeport.run.recipes.node_packages import node_environment, package
from homeport.run.recipes.programs import node_program
from homeport.run.recipes.web import found, launched

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.service import Launch, Place, Service

MANNER = Manner(
    programs=("next",),
    subcommands=("dev", "start"),
    arguments=("--hostname", "{host}", "--port", "{port}"),
)


def launch(place: Place) -> Launch:
    """`next dev`."""
    argv = (*node_program(place, "next", "next"), "dev")
    return launched(place, MANNER, argv, node_environment(place))


def finds(directory: str) -> Service | None:
    """A package that depends on next."""
    declared = package(directory)
    if declared is None or "next" not in declared.dependencies:
        return None
    return found(directory, "package.json", "next")


RECIPE = Recipe(
    name="next",
    what="A Next.js application, by `next dev`",
    launch=launch,
    finds=finds,
    rank=30,
    manner=MANNER,
)
